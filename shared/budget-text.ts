/** A budget as text for people: what is spent of it, in its own unit, and where that leads. */
import type { BudgetRow } from './contract/budget.ts'
import { clockTime, price, tokens } from './format.ts'

type Figures = Pick<BudgetRow, 'limit_usd' | 'limit_tokens' | 'spent_usd' | 'spent_tokens'>

/** `$10.40/$10`, `52k/50k tok`. */
export function spentShort(budget: Figures): string {
  const { spent, limit, isUsd } = figuresOf(budget)
  return isUsd ? `${spent}/${limit}` : `${spent}/${limit} tok`
}

/** `$10.40 of $10`, `52k of 50k tokens`. */
export function spentText(budget: Figures): string {
  const { spent, limit, isUsd } = figuresOf(budget)
  return isUsd ? `${spent} of ${limit}` : `${spent} of ${limit} tokens`
}

/** `$3.10 today of $10`, `52k tokens in 24h of 50k`. */
export function spentInPeriod(budget: Figures & Pick<BudgetRow, 'period'>): string {
  const { spent, limit, isUsd } = figuresOf(budget)
  return `${spent}${isUsd ? '' : ' tokens'} ${periodWords(budget.period)} of ${limit}`
}

function periodWords(period: string): string {
  if (period === 'day') return 'today'
  return period === 'week' || period === 'month' ? `this ${period}` : `in ${period}`
}

/** What the limit does to calls, else whether the pace leads beyond it. Nothing where all is well. */
export function budgetOutlook(
  { state, downgrade, over_at }: Pick<BudgetRow, 'state' | 'downgrade' | 'over_at'>,
  now: number,
  timeZone: string,
): string {
  const over = over_at === null ? '' : `at this pace over ${clockTime(over_at, now, timeZone)}`
  switch (state) {
    case 'blocking':
      return 'no more calls'
    case 'exceeded':
      return 'passed'
    case 'downgraded':
      return downgrade === null ? over : `calls on our keys go to ${downgrade.to}`
    case 'warning':
    case 'ok':
      return over
  }
}

/** `10.40 of 10 dollars`: as a screen reader says it. */
export function spentSpoken(budget: Figures): string {
  const { spent, limit, isUsd } = figuresOf(budget)
  return isUsd ? `${bare(spent)} of ${bare(limit)} dollars` : `${spent} of ${limit} tokens`
}

/** "Daily budget stop", "Monthly budget stop for openai". */
export function stopName(label: string): string {
  return label.replace(' budget', ' budget stop')
}

function figuresOf({ limit_usd, limit_tokens, spent_usd, spent_tokens }: Figures) {
  const isUsd = limit_usd !== null
  return isUsd
    ? { isUsd, spent: price(spent_usd), limit: price(limit_usd).replace(/\.00$/, '') }
    : { isUsd, spent: tokens(spent_tokens), limit: tokens(limit_tokens ?? 0) }
}

function bare(amount: string): string {
  return amount.replace('$', '')
}
