/** Says our no as Anthropic says it (docs.anthropic.com/en/api/errors). */
import type { Refusal, WireReply } from '../dialect.ts'
import { refusalHeaders } from '../refusal-headers.ts'

const types: Record<number, string> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
}

/**
 * A limit is a 429 whose `retry-after` reaches to the end of the wait: Claude Code waits up to a minute and fails at once,
 * showing the sentence, for more. One that no waiting lifts is a 403, since a 429 without `retry-after` is tried for ever.
 */
export function refuse(refusal: Refusal): WireReply {
  const status = refusal.status === 429 && refusal.wait === null ? (refusal.final ?? 403) : refusal.status
  const type = types[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error')
  return {
    status,
    headers: refusalHeaders(refusal, refusal.wait),
    body: JSON.stringify({
      type: 'error',
      error: { type, message: refusal.sentence },
      request_id: refusal.requestId,
      context: refusal.context,
    }),
  }
}
