/** What may stand in the way of a call to one target, and what each of these limits has left. */
import type { BudgetRow } from '../../../shared/contract/budget.ts'
import type { Allowance } from '../../../shared/contract/endpoints/allowance.ts'
import type { Billing } from '../../../shared/contract/usage.ts'
import { price, tokens as tokensText } from '../../../shared/format.ts'
import { fits } from '../budget-scope.ts'
import type { Ledger } from '../ledger.ts'
import { firstOfMonth } from '../zone.ts'
import { holdsFor } from './budget-holds.ts'
import { type Blocked, budgetVerdict, type Held } from './budget-verdict.ts'
import { budgetRowsOf } from './budgets.ts'
import { bindingOf } from './cooling.ts'
import type { CountedLimits } from './counted-limits.ts'
import { quotasNow } from './limits.ts'
import { said } from './refusal-text.ts'
import { percentOf, roundUsd, usdOf } from './rows.ts'
import { kindOfAccount } from './shown.ts'
import { countsModel, isExhausted, isSubscriptionWindow, type WindowNow, windowNow } from './windows.ts'

/** `model` null: any. `wanted`: tokens that the call is to use; none, where only the call itself is asked for. */
export type HeadroomAsked = {
  key: string | null
  provider: string
  account: string
  model: string | null
  chain: string | null
  billing: Billing
  wanted: { input: number; output: number }
  held: Held
}

/** What the ledger does not know. */
export type Beside = {
  counted: readonly CountedLimits[]
  month: Allowance
  /** Budgets hold only while calls are recorded. */
  recording: boolean
}

/** One limit. Instants in epoch ms, money in USD; what is not known is null. */
export type Limit = {
  kind: 'budget' | 'quota' | 'cooldown' | 'own-limit' | 'tier'
  name: string
  /** Why the call cannot go, as a sentence; null: it can. */
  stops: string | null
  /** When that is over; null: nobody knows, or so much never fits. */
  until: number | null
  usedPct: number | null
  unit: 'tokens' | 'usd' | 'requests' | null
  limit: number | null
  remaining: number | null
  resetsAt: number | null
  /** When it was last read, where that is long ago; null: it holds as it stands. */
  staleSince: number | null
}

const staleMs = 10 * 60_000

export function limitsOn(ledger: Ledger, now: number, asked: HeadroomAsked, beside: Beside): Limit[] {
  return [
    ...cooldownOn(ledger, now, asked),
    ...quotasOn(ledger, now, asked),
    ...ownLimitsOn(asked, beside.counted),
    ...(beside.recording ? budgetsOn(ledger, now, asked) : []),
    ...(asked.billing === 'simulated' ? [] : tierOn(ledger, now, asked, beside.month)),
  ]
}

function cooldownOn(ledger: Ledger, now: number, { provider, account, model }: HeadroomAsked): Limit[] {
  const cooldown = bindingOf(ledger, provider, account, model, now)
  if (!cooldown || cooldown.isOver) return []
  const { refusal, until } = cooldown
  const stops = `${provider} ${said[refusal]}.`
  const unknown = { usedPct: null, unit: null, limit: null, remaining: null, staleSince: null }
  return [{ kind: 'cooldown', name: refusal, stops, until, resetsAt: until, ...unknown }]
}

function quotasOn(ledger: Ledger, now: number, asked: HeadroomAsked): Limit[] {
  const { provider, account, model } = asked
  const isSimulated = kindOfAccount(ledger, provider, account) === 'simulated'
  return quotasNow(ledger, now, isSimulated ? 'only' : undefined)
    .filter(({ quota }) => quota.provider === provider && quota.account === account)
    .filter(({ quota }) => quota.model === null || quota.model === model)
    .flatMap(({ quota, windows }) =>
      windows
        .filter((window) => model === null || window.name === quota.representative || countsModel(window.name, model))
        .filter(({ name }) => name !== 'credits' && name !== 'overage')
        .map((window) => {
          const goesOn = quota.overageInUse === true && isSubscriptionWindow(window.name)
          const isStale = !window.confirmed || now - window.measuredAt > staleMs
          const limit = windowLimit('quota', window, asked, goesOn)
          return { ...limit, staleSince: isStale ? window.measuredAt : null }
        }),
    )
}

/** A provider's limits by the user hold for all its accounts together. */
function ownLimitsOn(asked: HeadroomAsked, counted: readonly CountedLimits[]): Limit[] {
  return counted
    .filter(({ provider }) => provider === asked.provider)
    .flatMap(({ windows }) => windows)
    .map((window) => {
      const limit = windowLimit('own-limit', windowNow(window, window.measuredAt), asked, false)
      // a call that is larger than the whole minute goes in an empty one
      return window.remaining === window.limit ? { ...limit, stops: null, until: null } : limit
    })
}

/** `goesOn`: as paid extra usage. */
function windowLimit(kind: 'quota' | 'own-limit', window: WindowNow, asked: HeadroomAsked, goesOn: boolean): Limit {
  const { name, limit, remaining, resetsAt, usedPct } = window
  const unit = /(^|-)tokens(-|$)/.test(name) ? 'tokens' : /(^|-)requests(-|$)/.test(name) ? 'requests' : null
  const wanted = unit === 'tokens' ? wantedIn(name, asked) : 0
  const whose = kind === 'quota' ? `The limit ${name} of ${asked.provider}` : `Your limit ${name} on ${asked.provider}`
  const isOut = isExhausted(window) && !goesOn
  const lacks = !isOut && wanted > 0 && remaining !== null && remaining < wanted
  const stops = isOut ? `${whose} is used up.` : lacks ? tooFew(whose, wanted, remaining, limit) : null
  const until = stops === null || (lacks && limit !== null && wanted > limit) ? null : resetsAt
  return { kind, name, stops, until, usedPct, unit, limit, remaining, resetsAt, staleSince: null }
}

/** Input and output may be limited each for itself. */
function wantedIn(name: string, { wanted }: HeadroomAsked): number {
  if (name.includes('input')) return wanted.input
  return name.includes('output') ? wanted.output : wanted.input + wanted.output
}

function tooFew(whose: string, wanted: number, remaining: number, limit: number | null): string {
  const of = limit === null ? '' : ` of ${tokensText(limit)}`
  const more = limit !== null && wanted > limit ? ', more than all of it' : ''
  return `${whose} has ${tokensText(remaining)}${of} tokens left, and ${tokensText(wanted)} are wanted${more}.`
}

/** Those that can stop the call. A soft one says nothing here: calls go on beyond it. */
function budgetsOn(ledger: Ledger, now: number, asked: HeadroomAsked): Limit[] {
  const names = { ...asked, model: asked.model ?? '', client: '', folder: null, user: null, feature: null }
  const verdict = budgetVerdict(ledger, { ...names, heldMost: asked.held }, now)
  // what is led elsewhere does not go here
  const blocked = verdict.kind === 'downgrade' ? verdict.ifNot : verdict.kind === 'blocked' ? verdict : undefined
  return budgetRowsOf(ledger, now)
    .filter((row) => row.action === 'block' && holdsFor(row, asked.billing) && fits(row.scope, names))
    .map((row) => budgetLimit(row, blocked?.budget.id === row.id ? blocked : null, asked.held))
}

function budgetLimit(row: BudgetRow, blocked: Blocked | null, held: Held): Limit {
  const isUsd = row.limit_usd !== null
  const limit = isUsd ? row.limit_usd : row.limit_tokens
  const wanted = isUsd ? usdOf((row.basis === 'list' ? held.cost : held.billed) ?? 0) : held.tokens
  const free = isUsd ? (row.remaining_usd ?? 0) - row.reserved_usd : (row.remaining_tokens ?? 0) - row.reserved_tokens
  return {
    kind: 'budget',
    name: row.id,
    stops: blocked === null ? null : stopText(row, blocked.budget.text, free),
    until: blocked === null || (limit !== null && wanted > limit) ? null : blocked.until,
    usedPct: row.used_pct,
    unit: isUsd ? 'usd' : 'tokens',
    limit,
    remaining: Math.max(0, isUsd ? roundUsd(free) : free),
    resetsAt: row.ends_at === null ? null : Date.parse(row.ends_at),
    staleSince: null,
  }
}

function stopText({ label, state, limit_usd }: BudgetRow, exceeded: string, free: number): string {
  if (state === 'blocking') return `${exceeded}.`
  return `${label} has no room for so much: ${limit_usd === null ? `${tokensText(free)} tokens are` : `${price(Math.max(0, free))} is`} left.`
}

function tierOn({ zone }: Ledger, now: number, { wanted }: HeadroomAsked, month: Allowance): Limit[] {
  // 32 days behind the first of a month is the next month
  const next = zone.startOfDay(firstOfMonth(firstOfMonth(zone.dayOf(now)) + 32))
  const one = (what: 'input' | 'output', limit: number | null, remaining: number | null): Limit[] => {
    if (limit === null || remaining === null) return []
    const whose = `This month's ${what} limit of the tier ${month.tier}`
    const lacks = remaining < wanted[what] ? tooFew(whose, wanted[what], remaining, limit) : null
    const stops = remaining === 0 ? `${whose} is used up.` : lacks
    return [
      {
        kind: 'tier',
        name: `${month.tier} ${what} tokens`,
        stops,
        until: stops === null || limit === 0 || wanted[what] > limit ? null : next,
        usedPct: limit === 0 ? 100 : percentOf(((limit - remaining) / limit) * 100),
        ...{ unit: 'tokens', limit, remaining, resetsAt: next, staleSince: null },
      },
    ]
  }
  return [
    ...one('input', month.input_tokens_limit, month.remaining_input),
    ...one('output', month.output_tokens_limit, month.remaining_output),
  ]
}
