/** Why a provider refuses, and until when it is avoided, in a few words for people. */
import type { RefusalKind } from './contract/refusal.ts'
import type { LimitRow } from './contract/rows.ts'
import { clockTime } from './format.ts'

export const refusalText: Record<RefusalKind, string> = {
  rate: 'rate limit',
  plan: 'limit reached',
  money: 'no credit, or a spend limit',
  overload: 'overloaded',
  credential: 'key not taken',
  model: 'model not there',
  request: 'request refused',
  unreachable: 'out of reach',
  broken: 'answers break off',
}

/**
 * `avoided until 12:04: rate limit`; empty where it is not, or no more. A model's row tells also what holds for its whole account:
 * that stands once, at the account's own.
 */
export function avoidedText({ cooldown, model }: LimitRow, now: number, timeZone: string): string {
  if (cooldown === null || cooldown.model !== model || Date.parse(cooldown.until) <= now) return ''
  return `avoided until ${clockTime(cooldown.until, now, timeZone)}: ${refusalText[cooldown.refusal]}`
}
