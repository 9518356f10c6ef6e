/** Error codes and their HTTP statuses, and the one shape all API families answer an error with. */
import * as z from 'zod/mini'

/** Codes of refusals on the proxy (`x-tollkeeper-refusal`) and of errors on the APIs, with the status each stands for. */
export const errorStatus = {
  bad_request: 400,
  bad_path: 400,
  bad_json: 400,
  conflicting_lengths: 400,
  no_credential: 401,
  bad_key: 401,
  forbidden: 403,
  origin_not_allowed: 403,
  cross_site: 403,
  key_not_for_provider: 403,
  not_found: 404,
  unknown_provider: 404,
  unknown_route: 404,
  method_not_allowed: 404,
  conflict: 409,
  body_too_large: 413,
  json_required: 415,
  unreadable_encoding: 415,
  wrong_host: 421,
  websocket_not_relayed: 426,
  rate_limited: 429,
  targets_cooling: 429,
  budget_exceeded: 429,
  headers_too_large: 431,
  internal: 500,
  upstream_failed: 502,
  bad_upstream_reply: 502,
  too_much_held: 503,
  shutting_down: 503,
  all_providers_exhausted: 503,
  loop: 508,
} as const
export type ErrorCode = keyof typeof errorStatus

export const apiError = z.object({
  /** A short title. */
  error: z.string(),
  /** One sentence that names what is wrong and what to do. */
  detail: z.string(),
  status_code: z.int(),
  timestamp: z.string(),
  request_id: z.string(),
  context: z.optional(z.record(z.string(), z.unknown())),
  /** Seconds, as in the header `retry-after`: where waiting helps. */
  retry_after: z.optional(z.int()),
})
export type ApiError = z.infer<typeof apiError>

/** Every header of ours starts with this; none of them ever goes upstream. */
export const ownHeaderPrefix = 'x-tollkeeper-'

/** Short titles by status, as RFC 9110 and RFC 6585 name them. */
export const errorTitles: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  421: 'Misdirected Request',
  426: 'Upgrade Required',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  508: 'Loop Detected',
}

/** What says more than its status does. */
const ownTitles: Partial<Record<ErrorCode, string>> = { budget_exceeded: 'Budget Exceeded' }

/** The body of an error; `context.code` is the stable name that programs test for. `now` in epoch ms. */
export function errorBody(
  code: ErrorCode,
  detail: string,
  requestId: string,
  now: number,
  more: { title?: string; context?: Record<string, unknown>; retryAfter?: number } = {},
): ApiError {
  const status = errorStatus[code]
  return {
    error: more.title ?? ownTitles[code] ?? errorTitles[status] ?? code,
    detail,
    status_code: status,
    timestamp: new Date(now).toISOString(),
    request_id: requestId,
    context: { code, ...more.context },
    ...(more.retryAfter !== undefined && { retry_after: more.retryAfter }),
  }
}

/** A whole HTTP/1.1 reply for a socket that has no response object: an upgrade, or what is not HTTP. It ends the connection. */
export function rawErrorReply(code: ErrorCode, detail: string, requestId: string, now: number): string {
  const error = errorBody(code, detail, requestId, now)
  return rawReply(code, { status: error.status_code, headers: {}, body: JSON.stringify(error) })
}

/** The same with a JSON body in words that somebody else chose. */
export function rawReply(
  code: ErrorCode,
  said: { status: number; headers: Record<string, string>; body: string },
): string {
  // in ASCII a character is a byte, so the length below is right
  const body = said.body.replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
  const head = [
    `HTTP/1.1 ${said.status} ${errorTitles[said.status] ?? code}`,
    'content-type: application/json',
    ...Object.entries(said.headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${body.length}`,
    `x-tollkeeper-refusal: ${code}`,
    'cache-control: no-store',
    'connection: close',
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}
