/** Says our no in the words that both of OpenAI's dialects share; they differ in how a final one looks. */
import type { Refusal, WireReply } from './dialect.ts'
import { isShortWait, refusalHeaders } from './refusal-headers.ts'

/**
 * A short wait is a 429 with `retry-after`. A limit that a short wait does not lift is said with `insufficient_quota`, and with
 * the status `final` that makes real clients stop at once and show the sentence.
 */
export function refuseAsOpenai(refusal: Refusal, final: 403 | 429): WireReply {
  const isFinal = refusal.status === 429 && !isShortWait(refusal)
  const status = isFinal ? (refusal.final ?? final) : refusal.status
  const code = isFinal ? 'insufficient_quota' : status === 429 ? 'rate_limit_exceeded' : refusal.code
  return {
    status,
    headers: refusalHeaders(refusal, isShortWait(refusal) ? refusal.wait : null),
    body: JSON.stringify({
      error: { message: refusal.sentence, type: typeOf(status, code), param: null, code },
      context: refusal.context,
    }),
  }
}

function typeOf(status: number, code: string): string {
  if (code === 'insufficient_quota') return 'insufficient_quota'
  if (status === 401) return 'authentication_error'
  if (status === 403) return 'permission_error'
  if (status === 429) return 'rate_limit_error'
  return status >= 500 ? 'server_error' : 'invalid_request_error'
}
