/** How much of a budget is spent in the period that runs now, and how much is held for calls that have not ended. */
import type { Budget } from '../../../shared/contract/budget.ts'
import { fits } from '../budget-scope.ts'
import { type KeptBudget, type Spent, stepIn } from '../budgets.ts'
import type { Ledger } from '../ledger.ts'
import { daysOf, leavesSpanAt, spanOf } from '../period.ts'
import { hourMs, type Zone } from '../zone.ts'

/** A call that runs longer than this holds nothing any more: what it uses counts as it ends. */
export const heldForMs = hourMs

export type Reserved = { money: number; tokens: number }

/** `now` in epoch ms. Calls stamped with a later step than now's count once that time has come. */
export function spentOf({ budget, spent }: KeptBudget, now: number, zone: Zone): Spent {
  const sum: Spent = { money: 0, tokens: 0, requests: 0, unpriced: 0 }
  const isNow = nowIn(budget, now, zone)
  for (const [start, step] of spent) {
    if (!isNow(start)) continue
    sum.money += step.money
    sum.tokens += step.tokens
    sum.requests += step.requests
    sum.unpriced += step.unpriced
  }
  return sum
}

/** Which steps count now. Asked of every step of every budget for each call. */
function nowIn(budget: Budget, now: number, zone: Zone): (start: number) => boolean {
  const days = daysOf(budget.period, now, zone)
  if (days) return (day) => day >= days.first && day < days.end
  const [step, span] = [stepIn(budget), spanOf(budget.period) ?? 0]
  return (start) => start <= now && leavesSpanAt(step, start, span) > now
}

/** What calls that run hold of it by their estimates; `but`: all others than this one. */
export function reservedOf({ open }: Pick<Ledger, 'open'>, budget: Budget, now: number, but?: string): Reserved {
  const sum: Reserved = { money: 0, tokens: 0 }
  for (const { t, e } of open.values()) {
    if (e.call === but || e.billing === 'simulated' || now - t > heldForMs || !fits(budget.scope, e)) continue
    const { input, output, cost = 0, billed = 0 } = e.estimate
    sum.money += budget.basis === 'list' ? cost : billed
    sum.tokens += input + output
  }
  return sum
}

/** In the budget's own unit. */
export function amountOf({ unit }: Budget, { money, tokens }: Reserved): number {
  return unit === 'usd' ? money : tokens
}

/**
 * When so much of a span has passed that `amount` more fits, epoch ms; now, where it does already; null: it never does.
 * Only what was spent is looked at, not what is held.
 */
export function fitsAgainAt(kept: KeptBudget, amount: number, now: number, zone: Zone): number | null {
  const { budget, spent } = kept
  const [step, span] = [stepIn(budget), spanOf(budget.period) ?? 0]
  let left = amountOf(budget, spentOf(kept, now, zone))
  const fitsIn = () => left < budget.limit && left + amount <= budget.limit
  let at = now
  const steps = [...spent.keys()].filter(nowIn(budget, now, zone))
  for (const start of steps.sort((a, b) => a - b)) {
    if (fitsIn()) return at
    left -= amountOf(budget, spent.get(start) ?? { money: 0, tokens: 0 })
    at = leavesSpanAt(step, start, span)
  }
  return fitsIn() ? at : null
}
