/** Where a call goes: by its own credential to its pinned provider or its dialect's home, by one of our keys where that may. */
import type { Provider } from '../providers/provider.ts'
import { canLend, lentRouteOf, pinnedTargetOf, type Routed, unknownChain } from '../routing/route.ts'
import { askedChainOf, type Chain, chainPrefix, type RoutingTable } from '../routing/table.ts'
import { chainAskedBy } from './attribution.ts'
import type { Call, Plan, Target } from './call.ts'
import { chainPlanOf, noOfChainPlan } from './chain-plan.ts'
import { type KeyHolder, mayUse, mayUseChain, noOfChain, noOfProvider } from './holder.ts'
import type { Answerer } from './kept-answers.ts'
import type { No } from './refuse.ts'

export type Places = {
  providers(): ReadonlyMap<string, Provider>
  routing(): RoutingTable
  /** null: nobody knows what this provider sells. */
  sells(provider: Provider, model: string): boolean | null
}

/** Where the caller put the call, and what is known of what it came with. */
export type Placed = {
  pinned: string | null
  /** The body could be read, or need not be. */
  readable: boolean
  /** The provider that keeps the answer which the call asks for or goes on from. */
  keptAt: string | null
  /** Who alone can read what the call carries of its conversation; undefined: it carries none, or nobody knows. */
  answerer: Answerer | undefined
}

/** With an own credential the call goes to its pinned provider or its dialect's home; our key beside it adds a chain behind that. */
export function planOf(places: Places, call: Call, placed: Placed, holder: KeyHolder | null): Plan | No {
  if (holder === null) return aloneOr(ownTargetOf(places.providers(), call, placed.pinned, null))
  if (call.credentials.own !== null) return ownFirst(places, call, placed, holder)
  return lentPlanOf(places, call, placed, holder)
}

function ownTargetOf(
  providers: ReadonlyMap<string, Provider>,
  call: Call,
  pinned: string | null,
  holder: KeyHolder | null,
): Target | No {
  const routed = pinnedTargetOf(providers, pinned ?? homeOf(call), dialectOf(call))
  if (routed.kind === 'none') return routed
  const { provider } = routed
  // what needs no credential is lent, whatever credential came along
  if (provider.keyHeader === 'none' && !provider.passthrough) {
    if (holder === null) {
      return {
        code: 'no_credential',
        detail: `Provider ${provider.id} is lent only to holders of a Tollkeeper key: bring one ("tollkeeper key create"), or set "passthrough": true on it in config.jsonc.`,
      }
    }
    const no = noOfProvider(holder, provider.id)
    if (no) return no
  }
  return { provider, model: null, strategy: pinned === null ? 'direct' : 'pinned', lent: false }
}

/** A ChatGPT login is known by the account it names, and is worth nothing at OpenAI's own API (seen 2026-11). */
function homeOf(call: Call): string {
  const isChatGpt = call.request.headers['chatgpt-account-id'] !== undefined && call.dialect.home === 'openai'
  return isChatGpt ? 'codex' : call.dialect.home
}

/** The own account first, then on lent keys the chain that the caller, a route or the default says. */
function ownFirst(places: Places, call: Call, { pinned, answerer }: Placed, holder: KeyHolder): Plan | No {
  const providers = places.providers()
  const own = ownTargetOf(providers, call, pinned, holder)
  if ('code' in own || pinned !== null || !mayChange(call)) return aloneOr(own)
  const table = places.routing()
  const found = askedChainOf(table, { chain: chainAskedBy(call.request), model: call.model })
  if (found?.kind === 'unknown') return unknownChain(table, found.name, (name) => mayUseChain(holder, name))
  const chain = found?.chain ?? table.defaultChain
  if (chain === null) return aloneOr(own)
  if (!mayUseChain(holder, chain.name)) return found?.byName ? noOfChain(holder, chain.name) : aloneOr(own)
  const plan = chainPlanOf(providers, chain, call, holder, answerer?.lent ? answerer.provider : null)
  const first = ownInChain(own, chain, call)
  if (!call.facts?.sealed) return planOrNo({ ...plan, targets: first ? [first, ...plan.targets] : plan.targets }, call)
  // who answered last can read what the conversation carries, and nobody else
  return first && (!answerer?.lent || plan.targets.length === 0) ? aloneOr(first) : planOrNo(plan, call)
}

/** No provider sells a model named as a chain: the own account serves what the chain asks of its provider. null: that is nothing. */
function ownInChain(own: Target, chain: Chain, { model }: Call): Target | null {
  if (!model?.startsWith(chainPrefix)) return own
  const same = chain.targets.find(({ provider }) => provider === own.provider.id)
  return same ? { ...own, model: same.model } : null
}

function lentPlanOf(places: Places, call: Call, placed: Placed, holder: KeyHolder): Plan | No {
  const { pinned, readable, keptAt, answerer } = placed
  const providers = places.providers()
  if (pinned === null && keptAt !== null && namesAnswer(call)) {
    // the key made it there, and through a chain if it is held to some
    return aloneOr(lentTargetOf(pinnedTargetOf(providers, keptAt, dialectOf(call)), call, { ...holder, chains: null }))
  }
  if (!call.facts && pinned === null && !call.endpoint.unread) {
    return readable
      ? { code: 'bad_json', detail: 'To route this call its body must be a JSON object; it is not.' }
      : {
          code: 'unreadable_encoding',
          detail: 'To route this call its body must be readable: send it without a content-encoding.',
        }
  }
  const routed = lentRouteOf(providers, places.routing(), {
    dialect: dialectOf(call),
    home: call.dialect.home,
    pinned,
    model: call.model,
    chain: chainAskedBy(call.request),
    mayUse: ({ id }) => mayUse(holder, id),
    mayUseChain: (name) => mayUseChain(holder, name),
    chainsOnly: holder.chains !== null,
    sells: places.sells,
  })
  if (routed.kind !== 'chain') return aloneOr(lentTargetOf(routed, call, holder))
  if (!mayUseChain(holder, routed.chain.name)) return noOfChain(holder, routed.chain.name)
  const plan = chainPlanOf(providers, routed.chain, call, holder, keptAt ?? (answerer?.lent ? answerer.provider : null))
  return planOrNo(plan, call)
}

function lentTargetOf(routed: Routed<Provider>, call: Call, holder: KeyHolder): Target | No {
  if (routed.kind === 'none') return routed
  const { provider } = routed
  const no = noOfProvider(holder, provider.id)
  if (no) return no
  if (!canLend(provider)) {
    return {
      code: 'key_not_for_provider',
      detail: `Provider ${provider.id} has no key to lend. Give it an "apiKey" in config.jsonc, or send your own credential for it.`,
    }
  }
  if (!isCounted(call) && !isAllowed(provider, call.rest)) {
    return {
      code: 'key_not_for_provider',
      detail: `Provider ${provider.id} lends its key to counted calls only. List this path under its "allowPaths" in config.jsonc if it may be used.`,
    }
  }
  return { provider, model: routed.model, strategy: routed.strategy, lent: true }
}

/** A list of models, a token count and the like are known by how a pinned path ends, and only where nothing else stands before it. */
function isCounted({ endpoint, rest }: Call): boolean {
  const first = (path: string) => bare(path).split('/')[0]
  return endpoint.counts === 'tokens' || (!endpoint.unread && first(rest) === first(endpoint.path))
}

function bare(path: string): string {
  return path.replace(/^\/+/, '').replace(/^v1(beta)?\//, '')
}

/** `/v1/files` allows itself and all below it, with or without its version. Dot segments are refused further on. */
function isAllowed(provider: Provider, rest: string): boolean {
  const path = bare(rest)
  return (provider.allowPaths ?? []).some((allowed) => {
    const stem = bare(allowed).replace(/\/+$/, '')
    return stem !== '' && (path === stem || path.startsWith(`${stem}/`))
  })
}

/** Where a budget leads a call on our keys, by the key's rights; null: what it goes on from is kept where it goes. */
export function elsewherePlan(
  places: Places,
  call: Call,
  { pinned, answerer }: Placed,
  holder: KeyHolder,
): ((to: string) => Plan | No) | null {
  if (!mayChange(call)) return null
  // a pinned path is written as one provider wants it; what is sealed is read by who wrote it, and by nobody else
  const only = pinned ?? (answerer?.lent ? answerer.provider : null)
  return (to) => {
    const providers = places.providers()
    if (!to.startsWith(chainPrefix)) {
      const slash = to.indexOf('/')
      const found = pinnedTargetOf(providers, to.slice(0, slash), dialectOf(call))
      if (found.kind === 'none') return found
      if (only !== null && found.provider.id !== only) return { chain: null, targets: [], skipped: [] }
      return aloneOr(lentTargetOf({ ...found, model: to.slice(slash + 1), strategy: 'routed' }, call, holder))
    }
    if (pinned !== null) return { chain: null, targets: [], skipped: [] }
    const name = to.slice(chainPrefix.length)
    const chain = places.routing().chains.get(name)
    if (!chain) return unknownChain(places.routing(), name, (one) => mayUseChain(holder, one))
    return mayUseChain(holder, name) ? chainPlanOf(providers, chain, call, holder, only) : noOfChain(holder, name)
  }
}

function aloneOr(target: Target | No): Plan | No {
  return 'code' in target ? target : { chain: null, targets: [target], skipped: [] }
}

/** null: lists of models and what passes unread are a provider's own, whatever it speaks else. */
function dialectOf({ endpoint, dialect }: Call): Call['dialect']['name'] | null {
  return endpoint.unread || endpoint.models ? null : dialect.name
}

function planOrNo(plan: Plan, call: Call): Plan | No {
  return plan.targets.length > 0 ? plan : noOfChainPlan(plan, call)
}

/** What can be sent to another account as well: a request that was read, and that goes on from nothing. */
function mayChange(call: Call): boolean {
  const { endpoint, facts } = call
  return facts !== undefined && !facts.serverState && !endpoint.unread && !endpoint.models && !namesAnswer(call)
}

/** A stored answer, by its path. */
function namesAnswer({ endpoint }: Call): boolean {
  return endpoint.path.includes('{id}')
}
