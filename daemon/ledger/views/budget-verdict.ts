/** What the budgets say of a call that is about to go: it may, it goes elsewhere, or it does not go. */
import type { Budget } from '../../../shared/contract/budget.ts'
import type { Billing } from '../../../shared/contract/usage.ts'
import { fits } from '../budget-scope.ts'
import type { KeptBudget } from '../budgets.ts'
import type { Ledger } from '../ledger.ts'
import { periodOf } from '../period.ts'
import { amountOf, fitsAgainAt, reservedOf, spentOf } from './budget-spent.ts'
import { exceededText } from './budget-text.ts'
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
 * `until`: when the period ends, or enough of a span has passed, epoch ms; now: a span where only what runs stands in the way; null:
 * it never fits into that span. In USD what is spent and what the limit is; null for a budget in tokens.
 */
export type BudgetVerdict =
  | { kind: 'free' }
  | { kind: 'downgrade'; budget: string; to: string }
  | {
      kind: 'blocked'
      budget: { id: string; text: string }
      until: number | null
      spentUsd: number | null
      limitUsd: number | null
    }
type Blocked = Extract<BudgetVerdict, { kind: 'blocked' }>

/** Of several that stop it the one that does so for longest is told; a call that is led elsewhere is so by the first. */
export function budgetVerdict(ledger: Ledger, asked: BudgetAsked, now: number): BudgetVerdict {
  let verdict: BudgetVerdict = { kind: 'free' }
  for (const kept of ledger.budgets.values()) {
    if (!concerns(kept.budget, asked)) continue
    const one = verdictOf(ledger, kept, asked, now)
    if (one.kind === 'blocked') verdict = verdict.kind === 'blocked' ? longer(verdict, one) : one
    else if (one.kind === 'downgrade' && verdict.kind === 'free') verdict = one
  }
  return verdict
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
  const { limit, action, downgrade, strict, basis, unit } = budget
  const spent = spentOf(kept, now, ledger.zone)
  const { cost, billed, tokens } = strict ? asked.heldMost : asked.held
  const held = amountOf(budget, { money: (basis === 'list' ? cost : billed) ?? 0, tokens })
  const amount = amountOf(budget, spent)
  if (action === 'block') {
    const reserved = amountOf(budget, reservedOf(ledger, budget, now, asked.call))
    if (amount >= limit || amount + reserved + held > limit) {
      return {
        kind: 'blocked',
        budget: { id: budget.id, text: exceededText(budget) },
        until: periodOf(budget.period, now, ledger.zone).endsAt ?? fitsAgainAt(kept, held, now, ledger.zone),
        spentUsd: unit === 'usd' ? usdOf(spent.money) : null,
        limitUsd: unit === 'usd' ? usdOf(limit) : null,
      }
    }
  }
  if (downgrade && amount >= downgrade.at * limit) return { kind: 'downgrade', budget: budget.id, to: downgrade.to }
  return { kind: 'free' }
}

function longer(one: Blocked, other: Blocked): Blocked {
  return (other.until ?? Number.POSITIVE_INFINITY) > (one.until ?? Number.POSITIVE_INFINITY) ? other : one
}
