/** Says our no as Google says it (https://ai.google.dev/gemini-api/docs/troubleshooting, google.rpc.Status). */
import type { Refusal, WireReply } from '../dialect.ts'
import { isShortWait, refusalHeaders } from '../refusal-headers.ts'

const statuses: Record<number, string> = {
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

/**
 * A short wait stands in `RetryInfo` too, the only place where Gemini CLI looks for it (2026-11). A longer one is a 403, at
 * which it stops at once and shows the sentence.
 */
export function refuse(refusal: Refusal): WireReply {
  const wait = isShortWait(refusal) ? refusal.wait : null
  const status = refusal.status === 429 && wait === null ? (refusal.final ?? 403) : refusal.status
  const details =
    wait === null
      ? {}
      : {
          details: [
            { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${Math.max(1, Math.ceil(wait))}s` },
          ],
        }
  const name = statuses[status] ?? (status >= 500 ? 'INTERNAL' : 'INVALID_ARGUMENT')
  return {
    status,
    headers: refusalHeaders(refusal, wait),
    body: JSON.stringify({
      error: { code: status, message: refusal.sentence, status: name, ...details },
      context: refusal.context,
    }),
  }
}
