/** Which targets the question after a call is about, and where else calls on our keys could go. */
import type { Billing } from '../../../shared/contract/usage.ts'
import { type Account, accountKey } from '../../ledger/accounts.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { allAccounts } from '../../ledger/views/account-label.ts'
import { kindShown } from '../../ledger/views/shown.ts'
import type { Provider } from '../../providers/provider.ts'
import { canLend, unknownChain } from '../../routing/route.ts'
import { askedChainOf, type Chain, type ChainTarget, chainPrefix, type RoutingTable } from '../../routing/table.ts'
import { type Problem, problem } from '../problem.ts'

/** One target as one account would be used there. `model` null: any. An empty provider: no call was ever seen. */
export type Place = { provider: string; account: string; model: string | null; chain: string | null; billing: Billing }

export type Question = { model?: string | undefined; provider?: string | undefined; account?: string | undefined }

/** What the question is held against. The rights are those of the key that asks. */
export type Grounds = {
  ledger: Ledger
  providers: ReadonlyMap<string, Provider>
  routing: RoutingTable
  /** null: nobody knows what this provider sells. */
  sells(provider: Provider, model: string): boolean | null
  mayUse(provider: string): boolean
  mayUseChain(name: string): boolean
  /** It goes through chains and nowhere else. */
  chainsOnly: boolean
}

/** In the order in which they are asked; a chain may have none that could be. */
export function placesAsked(grounds: Grounds, { model, provider, account }: Question): Place[] | Problem {
  if (provider !== undefined) return atProvider(grounds, provider, model ?? null, account)
  if (account !== undefined) return bad('account', "'account' is one of a provider's: say 'provider' too.")
  if (model === undefined) return [usedLast(grounds)]
  const slash = model.indexOf('/')
  const id = model.slice(0, slash)
  if (slash > 0 && grounds.providers.has(id)) return atProvider(grounds, id, model.slice(slash + 1), undefined)
  const own = newest(grounds.ledger, (row) => row.model === model && row.account !== row.provider)
  if (own) return [placeOf(own, model)]
  return routed(grounds, model)
}

function routed(grounds: Grounds, model: string): Place[] | Problem {
  const { routing, mayUseChain } = grounds
  const found = askedChainOf(routing, { chain: null, model })
  if (found?.kind === 'unknown' || (found && !mayUseChain(found.chain.name)))
    return missing('model', unknownChain(routing, model.replace(chainPrefix, ''), mayUseChain).detail)
  if (found) return along(grounds, found.chain)
  const [seller] = sellersOf(grounds, model)
  if (seller) return [placeAt(grounds, seller, model)]
  if (routing.defaultChain && mayUseChain(routing.defaultChain.name)) return along(grounds, routing.defaultChain)
  const detail = `No provider is known to sell ${quoted(model)}, and no chain serves it: check its spelling, or say 'provider' too.`
  return missing('model', detail)
}

function atProvider(grounds: Grounds, id: string, model: string | null, account: string | undefined) {
  const provider = grounds.providers.get(id)
  if (!provider) {
    const known = [...grounds.providers.keys()].join(', ')
    return missing('provider', `There is no provider named ${quoted(id)}. Known are: ${known}.`)
  }
  if (model !== null && grounds.sells(provider, model) === false && !isSeen(grounds, id, model))
    return missing('model', `${id} is not known to sell ${quoted(model)}: check its spelling.`)
  if (account === undefined || account === allAccounts) return [placeAt(grounds, provider, model)]
  const known = grounds.ledger.accounts.get(accountKey(id, account))
  if (known) return [placeOf(known, model)]
  const { quotas, cooldowns } = grounds.ledger
  const isRead = [...quotas.values(), ...cooldowns.values()].some(
    (row) => row.provider === id && row.account === account,
  )
  if (isRead) return [{ ...placeAt(grounds, provider, model), account }]
  return missing(
    'account',
    `Nothing is known of an account ${quoted(account)} at ${id}; GET /v1/ratelimits names those that are.`,
  )
}

/** What calls or a chain asked for there is known, whatever the catalogue says. */
function isSeen({ ledger, routing }: Grounds, provider: string, model: string): boolean {
  const isIt = (row: { provider: string; model: string | null }) => row.provider === provider && row.model === model
  if ([...ledger.accounts.values()].some(isIt) || [...ledger.quotas.values()].some(isIt)) return true
  return [...routing.chains.values()].some(({ targets }) => targets.some(isIt))
}

/** Those that were used first, then those with a key to lend. */
function sellersOf(grounds: Grounds, model: string): Provider[] {
  const usedAt = (id: string) => newest(grounds.ledger, (row) => row.provider === id)?.lastAt ?? 0
  const rankOf = (provider: Provider) => (provider.configured && canLend(provider) ? 1 : 0)
  return [...grounds.providers.values()]
    .filter((provider) => grounds.sells(provider, model) === true || isSeen(grounds, provider.id, model))
    .sort((a, b) => usedAt(b.id) - usedAt(a.id) || rankOf(b) - rankOf(a))
}

function along(grounds: Grounds, chain: Chain): Place[] {
  return chain.targets.flatMap((target) => lentPlace(grounds, target, chain.name) ?? [])
}

/** undefined: it cannot be asked with what this key may use. */
function lentPlace({ providers, mayUse }: Grounds, target: ChainTarget, chain: string | null): Place | undefined {
  const provider = providers.get(target.provider)
  if (!provider || !canLend(provider) || !mayUse(provider.id)) return undefined
  return { provider: provider.id, account: provider.id, model: target.model, chain, billing: billingOf(provider) }
}

function usedLast({ ledger }: Grounds): Place {
  const simulated = kindShown(ledger) === 'simulated'
  const last = newest(ledger, (row) => (row.billing === 'simulated') === simulated)
  if (last) return placeOf(last, last.model)
  return { provider: '', account: '', model: null, chain: null, billing: 'metered' }
}

function placeAt({ ledger }: Grounds, provider: Provider, model: string | null): Place {
  const used = newest(ledger, (row) => row.provider === provider.id)
  if (used) return placeOf(used, model)
  return { provider: provider.id, account: provider.id, model, chain: null, billing: billingOf(provider) }
}

function placeOf({ provider, account, billing }: Account, model: string | null): Place {
  return { provider, account, model, chain: null, billing }
}

function billingOf({ simulated, local, plan }: Provider): Billing {
  return simulated ? 'simulated' : local ? 'local' : plan ? 'plan' : 'metered'
}

function newest({ accounts }: Ledger, isIt: (row: Account) => boolean): Account | undefined {
  let found: Account | undefined
  for (const row of accounts.values()) if (isIt(row) && (!found || row.lastAt > found.lastAt)) found = row
  return found
}

/** The other targets of chains that this one stands in, then whoever else lends a key for its model. */
export function elsewhere(grounds: Grounds, place: Place): Place[] {
  const { providers, routing, mayUseChain } = grounds
  const here = providers.get(place.provider)
  if (!here) return []
  const isHere = ({ provider, model }: { provider: string; model: string | null }) =>
    provider === place.provider && model === place.model
  const chained = [...routing.chains.values()]
    .filter(({ name, targets }) => mayUseChain(name) && (name === place.chain || targets.some(isHere)))
    .flatMap((chain) => along(grounds, chain))
  const { model } = place
  const sellers =
    model === null || grounds.chainsOnly ? [] : sellersOf(grounds, model).filter(({ configured }) => configured)
  const sold = sellers.flatMap(({ id }) => lentPlace(grounds, { provider: id, model: model ?? '' }, null) ?? [])
  const speaks = ({ provider }: Place) => providers.get(provider)?.dialects.some((one) => here.dialects.includes(one))
  return unique([...chained, ...sold].filter((one) => !isHere(one) && speaks(one)))
}

export function targetOf({ provider, model }: Place): string {
  return `${provider}/${model ?? ''}`
}

function unique(places: readonly Place[]): Place[] {
  const byTarget = new Map<string, Place>()
  for (const place of places) if (!byTarget.has(targetOf(place))) byTarget.set(targetOf(place), place)
  return [...byTarget.values()]
}

function missing(parameter: string, detail: string): Problem {
  return problem('not_found', detail, { context: { parameter } })
}

function bad(parameter: string, detail: string): Problem {
  return problem('bad_request', detail, { context: { parameter } })
}

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 100))
}
