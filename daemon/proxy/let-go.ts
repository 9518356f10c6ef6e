/** Whether budgets let a call go to a target: they stop it, or lead it elsewhere before their limit is reached. */
import type { Blocked as Stopped } from '../ledger/views/budget-verdict.ts'
import { type Call, modelOf, type Plan, type Target } from './call.ts'
import { askBudgets, type BudgetDeps, type Estimate } from './reservation.ts'
import { skip } from './skipped.ts'
import type { Way } from './way.ts'

/** A target that a budget stopped. */
export type Blocked = { target: Target; verdict: Stopped }

/** What is held for it as it goes; undefined: it does not. One target alone is held to budgets too. */
export function letGo(way: Way, target: Target, deps: BudgetDeps): Estimate | undefined {
  const { estimate, verdict } = askBudgets(way.call, target, way.chain, deps)
  if (verdict.kind === 'free') return estimate
  if (verdict.kind === 'blocked') return stop(way, target, verdict)
  const { budget, to } = verdict
  const plan = elsewhereOf(way, target, to)
  if (!plan) return verdict.ifNot ? stop(way, target, verdict.ifNot) : estimate
  const text = `The budget ${budget} is near its limit and leads this call to ${to}`
  skip(way, target, 'budget', null, null, { id: budget, text, why: 'led' })
  way.skipped.push(...plan.skipped)
  way.chain = plan.chain
  way.targets = plan.targets
  way.at = 0
  // once: budgets that lead to each other would send it round and round
  way.elsewhere = undefined
  return undefined
}

/** Whether budgets would stop it, as far as is known before its turn. */
export function isStopped(way: Way, target: Target, deps: BudgetDeps): boolean {
  const { verdict } = askBudgets(way.call, target, way.chain, deps)
  if (verdict.kind === 'blocked') return true
  const mayBeLed = target.lent && way.elsewhere !== undefined
  return verdict.kind === 'downgrade' && verdict.ifNot !== undefined && !mayBeLed
}

/** For a target that cools: where a budget of it is used up too, it is passed over for that, as waiting would not help. false: it is not. */
export function stopIfUsedUp(way: Way, target: Target, deps: BudgetDeps): boolean {
  const { verdict } = askBudgets(way.call, target, way.chain, deps)
  if (verdict.kind !== 'blocked' || verdict.budget.why) return false
  stop(way, target, verdict)
  return true
}

function stop(way: Way, target: Target, verdict: Stopped): undefined {
  way.blocked.push({ target, verdict })
  skip(way, target, 'budget', verdict.until, null, verdict.budget)
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
