/** Says our no as OpenAI says it. */
import type { Refusal, WireReply } from '../dialect.ts'
import { isShortWait, refusalHeaders } from '../refusal-headers.ts'

/**
 * A short wait is a 429 with `retry-after`. A long one is a 403 with `insufficient_quota`: real clients stop at once and
 * show the sentence, where a 429 makes them storm.
 */
export function refuse(refusal: Refusal): WireReply {
  const isFinal = refusal.status === 429 && !isShortWait(refusal)
  const status = isFinal ? 403 : refusal.status
  const code = isFinal ? 'insufficient_quota' : status === 429 ? 'rate_limit_exceeded' : refusal.code
  return {
    status,
    headers: refusalHeaders(refusal, isShortWait(refusal) ? refusal.wait : null),
    body: JSON.stringify({ error: { message: refusal.sentence, type: typeOf(status, code), param: null, code } }),
  }
}

function typeOf(status: number, code: string): string {
  if (code === 'insufficient_quota') return 'insufficient_quota'
  if (status === 401) return 'authentication_error'
  if (status === 403) return 'permission_error'
  if (status === 429) return 'rate_limit_error'
  return status >= 500 ? 'server_error' : 'invalid_request_error'
}
