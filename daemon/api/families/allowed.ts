/** `/api/usage/allowed`: may a call go now, do so many tokens fit, and where else could it go? */

import type { Asked } from '../../../shared/contract/endpoint.ts'
import type { Allowance, AllowedReply, allowanceRows } from '../../../shared/contract/endpoints/allowance.ts'
import { noUsage } from '../../../shared/contract/usage.ts'
import type { Held } from '../../ledger/views/budget-verdict.ts'
import { type Beside, type HeadroomAsked, limitsOn } from '../../ledger/views/headroom.ts'
import { type Headroom, headroomOf } from '../../ledger/views/headroom-reply.ts'
import { learnedOutput } from '../../ledger/views/learned-output.ts'
import type { Answer, Context, FamilyDeps } from '../handlers.ts'
import { elsewhere, type Grounds, type Place, placesAsked, targetOf } from './asked-places.ts'

type Query = Asked<typeof allowanceRows.allowed>['query']
type Wanted = HeadroomAsked['wanted']

/** Told at most. */
const mostAlternatives = 20

/** `month`: what this month used, of real calls. */
export function answerAllowed(
  deps: FamilyDeps,
  query: Query,
  { now, principal }: Context,
  month: Allowance,
): Answer<AllowedReply> {
  const grounds = groundsOf(deps, principal?.id)
  const places = placesAsked(grounds, query)
  if ('problem' in places) return places
  const wanted = { input: Number(query.input_tokens ?? 0), output: Number(query.output_tokens ?? 0) }
  const { recording } = deps.config.now().settings
  const beside: Beside = { counted: deps.countedLimits(), month, recording }
  const headroomAt = (place: Place) => {
    const key = principal?.kind === 'key' ? principal.id : null
    // as much is held for a call itself, and it does not go where there is no room for that
    const output =
      query.output_tokens === undefined ? learnedOutput(grounds.ledger, place.model ?? '', '') : wanted.output
    const asked = { ...place, key, wanted, held: heldAt(deps, place, { ...wanted, output }, now) }
    return headroomOf(grounds.ledger, now, asked, limitsOn(grounds.ledger, now, asked, beside))
  }
  const all = places.map((place) => ({ place, headroom: headroomAt(place) }))
  const served = all.find(({ headroom }) => headroom.allowed) ?? soonest(all)
  if (!served) return { value: { ...noTarget, alternatives: [] } }
  const alternatives = [...places, ...elsewhere(grounds, served.place)]
    .filter((place) => targetOf(place) !== targetOf(served.place))
    .filter((place, at, list) => list.findIndex((one) => targetOf(one) === targetOf(place)) === at)
    .filter((place) => headroomAt(place).allowed)
    .slice(0, mostAlternatives)
    .map((place) => ({ target: targetOf(place), chain: place.chain }))
  return { value: { ...served.headroom, reason: reasonOf(all, served), alternatives } }
}

type Looked = { place: Place; headroom: Headroom }

/** A call goes on as soon as one of its targets does. */
function soonest(all: readonly Looked[]): Looked | undefined {
  const end = ({ headroom }: Looked) =>
    headroom.retry_at === null ? Number.POSITIVE_INFINITY : Date.parse(headroom.retry_at)
  return all.reduce<Looked | undefined>((first, one) => (!first || end(one) < end(first) ? one : first), undefined)
}

/** Of several targets it says which one it speaks of. */
function reasonOf(all: readonly Looked[], { place, headroom }: Looked): string {
  if (all.length < 2) return headroom.reason
  const chain = `the chain ${place.chain ?? ''}`
  if (!headroom.allowed)
    return `No target of ${chain} can serve it now. The first to come back is ${targetOf(place)}: ${headroom.reason}`
  const isFirst = all[0]?.place === place
  return `${targetOf(place)} ${isFirst ? 'is first' : 'is the next to serve it'} in ${chain}. ${headroom.reason}`
}

const noTarget: Headroom = {
  allowed: false,
  reason: 'The chain has no target that could be asked: none has a key to lend that this key may use.',
  binding_limit: null,
  retry_at: null,
  remaining: { tokens: null, usd: null, used_pct: null },
}

function groundsOf(deps: FamilyDeps, holder: string | undefined): Grounds {
  const { providers, routing } = deps.config.now()
  // the local token and the dashboard are no keys: they may see all
  const key = deps.keys.list().find(({ id }) => id === holder)
  return {
    ledger: deps.ledger(),
    providers,
    routing,
    sells: deps.sells,
    mayUse: (provider) => key?.providers?.includes(provider) ?? true,
    mayUseChain: (chain) => key?.chains?.includes(chain) ?? true,
    chainsOnly: (key?.chains ?? null) !== null,
  }
}

/** What so many tokens cost there. */
function heldAt({ config }: FamilyDeps, { provider: id, model, billing }: Place, wanted: Wanted, now: number): Held {
  const tokens = wanted.input + wanted.output
  const { providers, priceOf } = config.now()
  const provider = providers.get(id)
  const usage = { ...noUsage, ...wanted }
  const priced =
    provider && model !== null
      ? priceOf({ catalogueId: provider.catalogueId, provider: id, model, usage, webSearches: 0, at: now })
      : null
  const cost = priced?.nano ?? null
  return { cost, billed: billing === 'plan' || billing === 'local' ? 0 : cost, tokens }
}
