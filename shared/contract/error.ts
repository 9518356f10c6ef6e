/** Error codes and their HTTP statuses, and the one shape all API families answer an error with (api.md §3). */
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
})
export type ApiError = z.infer<typeof apiError>

/** Every header of ours starts with this; none of them ever goes upstream. */
export const ownHeaderPrefix = 'x-tollkeeper-'
