/** What every refusal of ours says in its headers, whatever the dialect: that it is ours, which one, and whether to try again. */
import type { Refusal } from './dialect.ts'

/** Clients wait this long for a `retry-after` and no longer: Claude Code gives up at once when told more, and SDKs ignore it. */
const longestWait = 60

/** Trying the same call again soon may succeed. A budget is a word of the user's: clients are to stop, however soon it begins anew. */
export function isShortWait(refusal: Refusal): boolean {
  return refusal.code !== 'budget_exceeded' && refusal.wait !== null && refusal.wait <= longestWait
}

/** `retryAfter` in seconds; null: none is sent. `x-should-retry` is what the OpenAI and Anthropic SDKs obey. */
export function refusalHeaders(refusal: Refusal, retryAfter: number | null): Record<string, string> {
  return {
    'content-type': 'application/json; charset=utf-8',
    'x-tollkeeper-refusal': refusal.code,
    'x-tollkeeper-request-id': refusal.requestId,
    'x-should-retry': isShortWait(refusal) ? 'true' : 'false',
    ...(retryAfter === null ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfter))) }),
  }
}
