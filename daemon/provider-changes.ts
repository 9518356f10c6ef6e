/** Which cooldowns end as a provider's key or address changes: what was refused there says nothing of what comes. */
import type { CooldownLifted } from '../shared/contract/event.ts'
import type { Cooldowns } from './ledger/cooldowns.ts'
import type { Provider } from './providers/provider.ts'

type Providers = ReadonlyMap<string, Provider>

/** To be recorded; none where nothing stands that could end. */
export function liftedBy(before: Providers, after: Providers, cooldowns: Cooldowns): CooldownLifted[] {
  const lifted: CooldownLifted[] = []
  for (const [provider, was] of before) {
    const is = after.get(provider)
    const isSameAddress = is?.baseUrl === was.baseUrl
    if (isSameAddress && is?.apiKey === was.apiKey) continue
    // a lent key's account is its provider; a client's own key is still the one that was refused
    const account = isSameAddress ? provider : null
    const isAny = [...cooldowns.values()].some(
      (row) => row.provider === provider && (account === null || row.account === account),
    )
    if (isAny) lifted.push({ type: 'cooldown.lifted', provider, account, model: null, why: 'provider-changed' })
  }
  return lifted
}
