/** A call's way through the targets of its plan: which one is next, which ones it passes over, and why. */
import type { ServerResponse } from 'node:http'
import type { SkippedTarget } from '../../shared/contract/refusal.ts'
import type { Cooling } from '../ledger/views/cooling.ts'
import { mayFailOver } from '../routing/failover.ts'
import type { Accounts } from './account.ts'
import { type Call, modelNameOf, type Plan, type Target } from './call.ts'
import { type Blocked, isStopped, letGo, stopIfUsedUp } from './let-go.ts'
import { type Outgoing, outgoingFor } from './outgoing.ts'
import { enterNow, waitToEnter } from './own-limits.ts'
import type { Probes } from './probes.ts'
import type { Entered, ProviderLimits } from './provider-limits.ts'
import type { No } from './refuse.ts'
import type { BudgetDeps, Estimate } from './reservation.ts'
import { skip } from './skipped.ts'

export type WayDeps = BudgetDeps & {
  limits: ProviderLimits
  probes: Probes
  cooling(provider: string, account: string, model: string): Cooling
  /** Of the account alone, or of one model; undefined: there is none. */
  cooldownBefore(
    provider: string,
    account: string,
    model: string | null,
  ): { strikes: number; setAt: number; until: number } | undefined
  /** Our own address, so that a provider that leads back to it is seen. */
  isOurs(origin: string): boolean
}

export type Way = {
  call: Call
  chain: string | null
  targets: readonly Target[]
  /** The next one's place in the list. */
  at: number
  /** All that were passed over, and how many of them an attempt has told. */
  skipped: SkippedTarget[]
  told: number
  /** Those passed over as a limit of the user's own is reached: they are waited for when nothing else is left. */
  full: { target: Target; seconds: number; why: string }[]
  /** Targets that were asked a second time, as they wished. */
  again: Target[]
  /** What stands against a target that can never be asked. */
  no: { no: No; target: Target } | null
  /** Those that a budget does not let go. */
  blocked: Blocked[]
  /** Where a budget may lead it; undefined: nowhere, or it was led there already. */
  elsewhere: Plan['elsewhere']
}

/** A target that may be sent to now. */
export type Step = Turn & {
  /** What is held for it while it runs. */
  estimate: Estimate
}

/** A target whose turn has come, before its budgets were asked. */
export type Turn = {
  target: Target
  outgoing: Outgoing
  /** Its place under the user's own limits. */
  entered: Extract<Entered, { kind: 'in' }>
  /** Its answer has begun, or it has failed: others may ask it again. */
  probed(): void
}

type Prepared = Omit<Turn, 'entered'>

const notProbing = () => {}
const free: Cooling = { kind: 'free' }

export function wayOf(call: Call, plan: Plan, deps: WayDeps): Way {
  const way: Way = {
    call,
    chain: plan.chain,
    targets: plan.targets,
    at: 0,
    skipped: [...plan.skipped],
    told: 0,
    full: [],
    again: [],
    no: null,
    blocked: [],
    elsewhere: plan.elsewhere,
  }
  // one target is asked whatever is known of it: it answers for itself
  if (plan.targets.length > 1) keepToAccount(way, deps)
  return way
}

/** What a call goes on from is kept by one account, the first of the plan. A body that passes unread can be sent once. */
function keepToAccount(way: Way, deps: WayDeps): void {
  const { call } = way
  const [first] = way.targets
  const once = call.endpoint.unread === true
  if (!first || !(once || call.facts?.serverState)) return
  const holds = (target: Target) => target === first || (!once && isSameAccount(call, target, first, deps.accounts))
  for (const target of way.targets) if (!holds(target)) skip(way, target, 'server-state', null, null)
  way.targets = way.targets.filter(holds)
}

function isSameAccount(call: Call, one: Target, other: Target, accounts: Accounts): boolean {
  return one.provider.id === other.provider.id && accounts.accountOf(call, one) === accounts.accountOf(call, other)
}

/** Goes on to the next target that may be asked now; undefined: there is none. */
export function nextStep(way: Way, deps: WayDeps): Step | undefined {
  while (way.at < way.targets.length) {
    const target = way.targets[way.at++] as Target
    const step = stepTo(way, target, deps)
    if (step) return step
  }
  return undefined
}

function stepTo(way: Way, target: Target, deps: WayDeps): Step | undefined {
  const estimate = isCooling(way, target, deps) ? undefined : letGo(way, target, deps)
  const prepared = estimate && preparedFor(way, target, deps)
  if (!prepared) return undefined
  const entered = enterNow(way.call, target, deps.limits)
  // written out: it is made for each call
  if (entered.kind === 'in') return { target, outgoing: prepared.outgoing, entered, probed: prepared.probed, estimate }
  prepared.probed()
  way.full.push({ target, seconds: entered.seconds, why: entered.why })
  skip(way, target, 'own-limit', deps.now() + entered.seconds * 1000, null)
  return undefined
}

function isCooling(way: Way, target: Target, deps: WayDeps): boolean {
  const cooling = heededCooling(way, target, deps)
  if (cooling.kind !== 'cooling') return false
  if (!stopIfUsedUp(way, target, deps)) skip(way, target, 'cooling', cooling.until, cooling.refusal)
  return true
}

/** Its cooldown, where this call heeds it. An own account is passed over for its limits alone: its owner has to hear whatever else is wrong. */
function heededCooling(way: Way, target: Target, deps: WayDeps): Cooling {
  if (way.targets.length === 1) return free
  const cooling = deps.cooling(...placeOf(way.call, target, deps.accounts))
  const isPassed = cooling.kind !== 'free' && mayFailOver(cooling.refusal, target.lent ? 'lent' : 'own')
  return isPassed ? cooling : free
}

function preparedFor(way: Way, target: Target, deps: WayDeps): Prepared | undefined {
  const outgoing = outgoingFor(way.call, target, deps.isOurs)
  if (outgoing.kind === 'no') {
    way.no ??= { no: outgoing.no, target }
    skip(way, target, 'unknown', null, null)
    return undefined
  }
  const cooling = heededCooling(way, target, deps)
  if (cooling.kind !== 'half-open') return { target, outgoing, probed: notProbing }
  const probed = deps.probes.take(probeOf(placeOf(way.call, target, deps.accounts), deps))
  if (probed) return { target, outgoing, probed }
  skip(way, target, 'probing', null, cooling.refusal)
  return undefined
}

/** What a cooldown of it stands under. */
export function placeOf(call: Call, target: Target, accounts: Accounts): [string, string, string] {
  return [target.provider.id, accounts.accountOf(call, target), modelNameOf(call, target)]
}

/** Where the whole account was refused, one call finds out for all its models. */
function probeOf([provider, account, model]: [string, string, string], deps: WayDeps): string {
  const ofAccount = deps.cooldownBefore(provider, account, null) !== undefined
  return JSON.stringify(ofAccount ? [provider, account] : [provider, account, model])
}

/** Whether another one could be asked if this one fails. */
export function hasMore(way: Way, deps: WayDeps): boolean {
  if (way.full.length > 0) return true
  for (let at = way.at; at < way.targets.length; at++) {
    const target = way.targets[at] as Target
    if (heededCooling(way, target, deps).kind === 'cooling') continue
    if (!isStopped(way, target, deps)) return true
  }
  return false
}

/** Waits for a place where only the user's own limits stand in the way. */
export async function queuedTurn(way: Way, response: ServerResponse, deps: WayDeps): Promise<Turn | undefined> {
  const soonest = way.full.sort((a, b) => a.seconds - b.seconds).shift()
  if (!soonest) return undefined
  const { target } = soonest
  const entered = await waitToEnter(way.call, target, response, deps.limits)
  if (entered.kind === 'wait') {
    way.full.push({ target, seconds: entered.seconds, why: entered.why })
    return undefined
  }
  // those before it in line may have been refused meanwhile
  const prepared = isCooling(way, target, deps) ? undefined : preparedFor(way, target, deps)
  if (prepared) return { ...prepared, entered }
  entered.left(null)
  return undefined
}

/** What was waited for may go now, if budgets still let it: nothing may be waited for between this and its sending. */
export function stepOfTurn(way: Way, turn: Turn | undefined, deps: WayDeps): Step | undefined {
  if (!turn) return undefined
  const estimate = letGo(way, turn.target, deps)
  if (estimate) return { ...turn, estimate }
  turn.probed()
  turn.entered.left(null)
  return nextStep(way, deps)
}

/** The same target once more, whatever its cooldown says: its provider asked for it. */
export function sameTurn(way: Way, target: Target, deps: WayDeps): Turn | undefined {
  const prepared = preparedFor(way, target, deps)
  if (!prepared) return undefined
  const entered = enterNow(way.call, target, deps.limits)
  if (entered.kind === 'in') return { ...prepared, entered }
  prepared.probed()
  return undefined
}
