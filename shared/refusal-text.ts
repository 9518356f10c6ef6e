/** Why a provider refuses, in a few words for people. */
import type { RefusalKind } from './contract/refusal.ts'

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
