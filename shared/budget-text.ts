/** What is spent of a budget as text for people, in its own unit. */
import type { HeadlineBudget } from './contract/rows.ts'
import { price, tokens } from './format.ts'

type Figures = Pick<HeadlineBudget, 'limit_usd' | 'limit_tokens' | 'spent_usd' | 'spent_tokens'>

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
