/** Our own no, in the caller's dialect, with a header that says it is ours. */
import { type ServerResponse, STATUS_CODES } from 'node:http'
import { type ErrorCode, errorBody, errorStatus, rawErrorReply, rawReply } from '../../shared/contract/error.ts'
import type { SkippedTarget } from '../../shared/contract/refusal.ts'
import type { Dialect } from '../dialects/dialect.ts'

export type No = {
  code: ErrorCode
  detail: string
  /** Seconds until it may be tried again; null: waiting does not help. */
  wait?: number | null
  /** The chain that the call was to go through, and the targets that were passed over. */
  chain?: string
  skipped?: readonly SkippedTarget[]
  /** What programs may read of it. */
  context?: Record<string, unknown>
  /** The status to answer with, instead of the one that makes the dialect's clients stop at once. */
  final?: 429
}

/** What a refusal is counted under. `provider` null: none was named, or the call could go to several. */
export type RefusedAt = { endpoint: string; client: string; provider: string | null }

/** Answers and forgets; does nothing where the head has gone already. `dialect` null: the shape of the APIs. */
export function refuse(
  response: ServerResponse,
  dialect: Dialect | null,
  no: No,
  requestId: string,
  now: number,
): void {
  if (response.headersSent || response.destroyed) return
  const status = errorStatus[no.code]
  const { code, detail: sentence, wait = null, context, final } = no
  const more = { ...(context && { context }), ...(final && { final }) }
  const wire = dialect?.refuse({ code, status, sentence, requestId, wait, ...more })
  const body = wire?.body ?? JSON.stringify(errorBody(code, sentence, requestId, now, more))
  const headers: Record<string, string | number> = {
    'content-type': 'application/json',
    ...wire?.headers,
    'content-length': Buffer.byteLength(body),
    'x-tollkeeper-refusal': no.code,
    'x-tollkeeper-request-id': requestId,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  }
  // the rest of a body that nobody will read must not be taken for the next request
  if (!response.req.complete) headers.connection = 'close'
  const sent = wire?.status ?? status
  // a provider's reason phrase that could not be written would stand in the way of this one
  response.writeHead(sent, STATUS_CODES[sent] ?? '', headers)
  if (response.req.method === 'HEAD') response.end()
  else if (response.req.complete) response.end(body)
  else endBehindBody(response, body)
}

/** The whole reply to a request that could not be read further than its first line. It ends the connection. */
export function rawRefusal(
  dialect: Dialect | null,
  no: Pick<No, 'code' | 'detail'>,
  requestId: string,
  now: number,
): string {
  const { code, detail: sentence } = no
  if (dialect === null) return rawErrorReply(code, sentence, requestId, now)
  return rawReply(code, dialect.refuse({ code, status: errorStatus[code], sentence, requestId, wait: null }))
}

/** How long somebody may go on sending what nobody wants. */
export const lingerMs = 5000

/** Closing on bytes that nobody has read resets the connection, and takes the answer from who is still sending (RFC 9112 section 9.6). */
function endBehindBody(response: ServerResponse, body: string): void {
  const { req } = response
  const end = () => {
    clearTimeout(timer)
    response.end()
  }
  const timer = setTimeout(end, lingerMs).unref()
  response.write(body)
  req.once('close', end)
  req.once('end', end)
  req.resume()
}
