/** Why a target is avoided, or was passed over, as sentences. */
import type { RefusalKind, SkippedTarget } from '../../../shared/contract/refusal.ts'
import type { Cooldown } from '../cooldowns.ts'
import { isoOf } from './rows.ts'

/** Follows the name of a provider or a target. */
export const said: Record<RefusalKind, string> = {
  rate: 'says that a limit by the minute is reached',
  plan: 'says that a limit by hours or days is used up',
  money: 'says that there is no credit left, or a spend limit is reached',
  overload: 'cannot answer now',
  credential: 'does not take the key',
  model: 'does not have this model',
  request: 'refuses the request itself',
  unreachable: 'cannot be reached',
  broken: 'breaks off its answers before they begin',
}

export function cooldownReason({ provider, model, refusal, strikes }: Cooldown): string {
  const again = strikes > 1 ? `, ${strikes} times in a row` : ''
  const what = model === null ? 'all models of this account' : 'this model'
  return `${provider} ${said[refusal]}${again}: chains pass over ${what} until then.`
}

export function skipReason({ provider, why, until, refusal, budget }: SkippedTarget): string {
  const isUntil = until === null ? '' : ` until ${isoOf(until)}`
  const as = refusal === null ? '' : `, as ${provider} ${said[refusal]}`
  switch (why) {
    case 'cooling':
      return `It is avoided${isUntil}${as}.`
    case 'probing':
      return 'Its cooldown was over, and another call was finding out whether it serves again.'
    case 'own-limit':
      return `A limit that config.jsonc sets for ${provider} was reached${isUntil}.`
    case 'budget':
      return `${budget?.text ?? 'A budget was exceeded'}.`
    case 'dialect':
      return "It does not speak the call's API."
    case 'no-key':
      return `There is no key to lend for ${provider}.`
    case 'not-allowed':
      return `The key that the call came with may not use ${provider}.`
    case 'server-state':
      return 'What the call goes on from is kept elsewhere.'
    case 'unknown':
      return `There is no provider ${provider} that could be asked.`
  }
}
