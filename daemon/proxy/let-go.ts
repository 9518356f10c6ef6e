/** Whether budgets let a call go to a target: they stop it, or lead it elsewhere before their limit is reached. */
import type { BudgetVerdict } from '../ledger/views/budget-verdict.ts'
import { type Call, modelOf, type Plan, type Target } from './call.ts'
import { askBudgets, type BudgetDeps, type Estimate } from './reservation.ts'
import { skip } from './skipped.ts'
import type { Way } from './way.ts'

/** A target that a budget stopped. */
export type Blocked = { target: Target; verdict: Extract<BudgetVerdict, { kind: 'blocked' }> }

/** What is held for it as it goes; undefined: it does not. One target alone is held to budgets too. */
export function letGo(way: Way, target: Target, deps: BudgetDeps): Estimate | undefined {
  const { estimate, verdict } = askBudgets(way.call, target, way.chain, deps)
  if (verdict.kind === 'free') return estimate
  if (verdict.kind === 'blocked') {
    way.blocked.push({ target, verdict })
    skip(way, target, 'budget', verdict.until, null, verdict.budget)
    return undefined
  }
  const { budget, to } = verdict
  const plan = elsewhereOf(way, target, to)
  if (!plan) return estimate
  const text = `The budget ${budget} is near its limit and leads this call to ${to}`
  skip(way, target, 'budget', null, null, { id: budget, text })
  way.skipped.push(...plan.skipped)
  way.chain = plan.chain
  way.targets = plan.targets
  way.at = 0
  // once: budgets that lead to each other would send it round and round
  way.elsewhere = undefined
  return undefined
}

/** undefined: it goes on an account of its own, or there is no better place for it. */
function elsewhereOf(way: Way, target: Target, to: string): Plan | undefined {
  const plan = target.lent ? way.elsewhere?.(to) : undefined
  if (!plan || 'code' in plan || (plan.chain !== null && plan.chain === way.chain)) return undefined
  // what was asked, or passed over, is not asked again
  const behind = way.targets.slice(0, way.at)
  const targets = plan.targets.filter((one) => !behind.some((before) => isSame(way.call, one, before)))
  return targets.length === 0 ? undefined : { ...plan, targets }
}

function isSame(call: Call, one: Target, other: Target): boolean {
  return one.provider.id === other.provider.id && modelOf(call, one) === modelOf(call, other)
}
