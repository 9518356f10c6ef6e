/** A budget in words. */
import type { Budget, BudgetScope, ScopeName } from '../../../shared/contract/budget.ts'

/** "Monthly budget for openai", "Daily budget", "24-hour budget for client codex". */
export function budgetLabel({ period, scope }: Pick<Budget, 'period' | 'scope'>): string {
  const what = scopeText(scope)
  return `${periodText(period)} budget${what === '' ? '' : ` for ${what}`}`
}

/** "120.0 USD", "50,000 tokens". */
export function limitText({ unit, limit }: Pick<Budget, 'unit' | 'limit'>): string {
  if (unit === 'tokens') return `${grouped(String(limit))} tokens`
  const [whole = '0', digits = ''] = (limit / 1e9).toFixed(6).split('.')
  return `${grouped(whole)}.${digits.replace(/0+$/, '') || '0'} USD`
}

/** "Monthly budget for openai exceeded (120.0 USD)". */
export function exceededText(budget: Budget): string {
  return `${budgetLabel(budget)} exceeded (${limitText(budget)})`
}

/** "Monthly budget for openai is held for calls that run now (120.0 USD)". */
export function heldText(budget: Budget): string {
  return `${budgetLabel(budget)} is held for calls that run now (${limitText(budget)})`
}

function periodText(period: string): string {
  switch (period) {
    case 'day':
      return 'Daily'
    case 'week':
      return 'Weekly'
    case 'month':
      return 'Monthly'
    default:
      return `${period.slice(0, -1)}-${period.endsWith('h') ? 'hour' : 'day'}`
  }
}

/** What a reader knows at sight stands without saying what it is. */
function scopeText(scope: BudgetScope): string {
  const { provider, model } = scope
  const target = provider !== undefined && model !== undefined ? [`${provider}/${model}`] : [provider ?? model]
  const rest = (['account', 'chain', 'client', 'folder', 'user', 'feature', 'key'] as const satisfies ScopeName[]).map(
    (name) => (scope[name] === undefined ? undefined : `${name} ${scope[name]}`),
  )
  return [...target, ...rest].filter((part) => part !== undefined).join(', ')
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',')
}
