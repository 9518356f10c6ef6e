/** What the budgets say of a call that is about to go: it may, it goes elsewhere, or it does not go. */
import type { Budget } from '../../../shared/contract/budget.ts'
import type { Billing } from '../../../shared/contract/usage.ts'
import { fits } from '../budget-scope.ts'
import type { KeptBudget, Spent } from '../budgets.ts'
import type { Ledger } from '../ledger.ts'
import { periodOf } from '../period.ts'
import { amountOf, fitsAgainAt, reservedOf, spentOf } from './budget-spent.ts'
import { exceededText, heldText } from './budget-text.ts'
import { usdOf } from './rows.ts'

/** What a call may use. Money in nano-dollars; null: no price is known, and no money is held for it. */
export type Held = { cost: number | null; billed: number | null; tokens: number }

export type BudgetAsked = {
  /** Its id: what is still held for an attempt of its own is not held against it. Absent: it is none yet. */
  call?: string
  /** The id of one of our keys. */
  key: string | null
  provider: string
  account: string
  model: string
  chain: string | null
  client: string
  folder: string | null
  user: string | null
  feature: string | null
  billing: Billing
  /** What calls like it use. */
  held: Held
  /** What it may use at most, for strict budgets. */
  heldMost: Held
}

/**
 * `until`: when the period ends, or enough of a span has passed, epoch ms; null: it never fits into that span. Where the calls that run
 * now are all that stands in the way, `why` says so, and it is soon: each that ends may make room. In USD what is spent and what the
 * limit is; null for a budget in tokens.
 */
export type Blocked = {
  kind: 'blocked'
  budget: { id: string; text: string; why?: 'held' }
  until: number | null
  spentUsd: number | null
  limitUsd: number | null
}

/** `ifNot`: what a call that cannot be led elsewhere is told, as it does not fit any more; undefined: it goes. */
export type BudgetVerdict =
  | { kind: 'free' }
  | { kind: 'downgrade'; budget: string; to: string; ifNot?: Blocked }
  | Blocked

/** Nobody knows how long calls that run still take. */
const heldForNowMs = 2000
const free: BudgetVerdict = { kind: 'free' }

/** Of several that stop it the one that does so for longest is told; a call that is led elsewhere is so by the first. */
export function budgetVerdict(ledger: Ledger, asked: BudgetAsked, now: number): BudgetVerdict {
  let led: Extract<BudgetVerdict, { kind: 'downgrade' }> | undefined
  let [blocked, ifNot]: (Blocked | undefined)[] = []
  for (const kept of ledger.budgets.values()) {
    if (!concerns(kept.budget, asked)) continue
    const one = verdictOf(ledger, kept, asked, now)
    if (one.kind === 'blocked') blocked = longer(blocked, one)
    if (one.kind !== 'downgrade') continue
    led ??= one
    if (one.ifNot) ifNot = longer(ifNot, one.ifNot)
  }
  if (blocked) return blocked
  return led && ifNot ? { ...led, ifNot } : (led ?? free)
}

/** Whether a strict budget counts this call: what is held for it while it runs is then the most that it may use. */
export function isHeldStrictly({ budgets }: Pick<Ledger, 'budgets'>, asked: BudgetAsked): boolean {
  for (const { budget } of budgets.values()) if (budget.strict && concerns(budget, asked)) return true
  return false
}

/** A call that owes nothing passes a budget of what is owed. */
function concerns(budget: Budget, asked: BudgetAsked): boolean {
  if (budget.action === 'warn' && budget.downgrade === null) return false
  if (asked.billing === 'simulated' || !fits(budget.scope, asked)) return false
  const owesNothing = asked.billing === 'plan' || asked.billing === 'local'
  return !(owesNothing && budget.unit === 'usd' && budget.basis === 'billed')
}

function verdictOf(ledger: Ledger, kept: KeptBudget, asked: BudgetAsked, now: number): BudgetVerdict {
  const { budget } = kept
  const { id, limit, downgrade, strict, basis } = budget
  const spent = spentOf(kept, now, ledger.zone)
  const { cost, billed, tokens } = strict ? asked.heldMost : asked.held
  const held = amountOf(budget, { money: (basis === 'list' ? cost : billed) ?? 0, tokens })
  const amount = amountOf(budget, spent)
  const blocked = blockedBy(ledger, kept, { spent, held, call: asked.call }, now)
  // before the limit is reached, what does not fit any more goes elsewhere like what comes near it
  if (downgrade && (blocked ? amount < limit : amount >= downgrade.at * limit))
    return { kind: 'downgrade', budget: id, to: downgrade.to, ...(blocked && { ifNot: blocked }) }
  return blocked ?? free
}

type Wanted = { spent: Spent; held: number; call: string | undefined }

/** undefined: it fits, or the budget stops nothing. */
function blockedBy(ledger: Ledger, kept: KeptBudget, { spent, held, call }: Wanted, now: number): Blocked | undefined {
  const { budget } = kept
  const { id, limit, unit } = budget
  if (budget.action !== 'block') return undefined
  const amount = amountOf(budget, spent)
  const isOver = amount >= limit || amount + held > limit
  if (!isOver && amount + held + amountOf(budget, reservedOf(ledger, budget, now, call)) <= limit) return undefined
  const money = {
    spentUsd: unit === 'usd' ? usdOf(spent.money) : null,
    limitUsd: unit === 'usd' ? usdOf(limit) : null,
  }
  if (!isOver) {
    const named = { id, text: heldText(budget), why: 'held' } as const
    return { kind: 'blocked', budget: named, until: now + heldForNowMs, ...money }
  }
  const until = periodOf(budget.period, now, ledger.zone).endsAt ?? fitsAgainAt(kept, held, now, ledger.zone)
  return { kind: 'blocked', budget: { id, text: exceededText(budget) }, until, ...money }
}

function longer(one: Blocked | undefined, other: Blocked): Blocked {
  if (!one) return other
  return (other.until ?? Number.POSITIVE_INFINITY) > (one.until ?? Number.POSITIVE_INFINITY) ? other : one
}
