/** The budgets that hold, by id, each with what was spent of it, step by step of its time. */
import { type Budget, budget } from '../../shared/contract/budget.ts'
import { totalTokensOf } from '../../shared/contract/usage.ts'
import { type Buckets, dropOldest, rowsOf } from './buckets.ts'
import { aloneOf, fits, fitsJoint, isSameScope } from './budget-scope.ts'
import { billingAt, type Counted } from './counted.ts'
import type { Marginals } from './marginals.ts'
import { type Step, stepAt, stepOf } from './period.ts'
import { isArray, isCount, isInstant, readAll } from './reading.ts'
import type { Slice } from './slice.ts'
import type { Sums } from './sums.ts'
import type { Totals } from './totals.ts'

/** `money`: nano-dollars, by the budget's basis. Real calls only. */
export type Spent = { money: number; tokens: number; requests: number; unpriced: number }

/** `spent` by the start of its step (see `period.ts`). */
export type KeptBudget = { budget: Budget; spent: Map<number, Spent> }
export type Budgets = Map<string, KeptBudget>

/** What a new budget looks back at. */
type Past = { totals: Totals; marginals: Marginals }

/** Steps kept that hold something: more than any period is long, so that a few events of a clock gone wrong drop none that counts. */
const stepBounds = { day: 62, hour: 32 * 24, quarter: 3 * 96 } as const satisfies Record<Step, number>

/** `fold` gets the sums of all calls besides: a budget counts what was spent before it was there. */
type BudgetSlice = Omit<Slice<Budgets>, 'fold'> & {
  fold(...given: [...Parameters<Slice<Budgets>['fold']>, past: Past]): void
}

export const budgets: BudgetSlice = {
  empty: () => new Map(),

  fold(state, { e }, zone, counted, past) {
    if (e.type === 'budget.set') set(state, e.budget, past)
    else if (e.type === 'budget.removed') state.delete(e.id)
    if (state.size === 0) return
    for (const one of counted) {
      if (isSimulated(one) || one.sums.requests === 0) continue
      for (const kept of state.values()) {
        const isOf = e.type === 'attempt.ended' ? fits(kept.budget.scope, e) : fitsJoint(kept.budget.scope, one.names)
        if (isOf) add(kept, stepAt(stepIn(kept.budget), one.at, zone), one.sums)
      }
    }
  },

  write: (state) =>
    [...state.values()].map(({ budget, spent }) => [
      budget,
      [...spent].map(([start, { money, tokens, requests, unpriced }]) => [start, money, tokens, requests, unpriced]),
    ]),

  read(json) {
    const rows = readAll(json, readKept)
    return rows && new Map(rows.map((row) => [row.budget.id, row]))
  },
}

export function stepIn({ period, scope }: Budget): Step {
  return stepOf(period, aloneOf(scope) !== undefined)
}

function isSimulated({ names }: Pick<Counted, 'names'>): boolean {
  return names[billingAt] === 'simulated'
}

/** One that goes on counting the same keeps its sums: the totals may no longer tell all of them apart. */
function set(state: Budgets, budget: Budget, past: Past): void {
  const before = state.get(budget.id)
  const spent = before && countsAlike(before.budget, budget) ? before.spent : spentBefore(budget, past)
  state.set(budget.id, { budget, spent })
}

function countsAlike(one: Budget, other: Budget): boolean {
  return one.basis === other.basis && stepIn(one) === stepIn(other) && isSameScope(one.scope, other.scope)
}

function add({ budget, spent }: KeptBudget, start: number, sums: Sums): void {
  let step = spent.get(start)
  if (!step) {
    step = { money: 0, tokens: 0, requests: 0, unpriced: 0 }
    spent.set(start, step)
  }
  step.money += budget.basis === 'list' ? sums.cost : sums.billed
  step.tokens += totalTokensOf(sums)
  step.requests += sums.requests
  step.unpriced += sums.unpriced
  dropOldest(spent, stepBounds[stepIn(budget)])
}

/** The same sums that it would have, had it been there all the time. */
function spentBefore(budget: Budget, past: Past): Map<number, Spent> {
  const kept: KeptBudget = { budget, spent: new Map() }
  const step = stepIn(budget)
  const alone = aloneOf(budget.scope)
  const [buckets, isOf] = alone
    ? aloneBefore(alone, step, past.marginals)
    : [jointBefore(step, past.totals), (names: readonly string[]) => fitsJoint(budget.scope, names)]
  const newest = [...buckets].sort(([a], [b]) => b - a).slice(0, stepBounds[step])
  for (const [start, bucket] of newest) {
    for (const { names, sums } of rowsOf(bucket)) {
      if (names.at(-1) !== 'simulated' && sums.requests > 0 && isOf(names)) add(kept, start, sums)
    }
  }
  return kept.spent
}

function jointBefore(step: Step, { days, hours, slots }: Totals): Buckets {
  return { day: days, hour: hours, quarter: slots }[step]
}

function aloneBefore(
  { name, value }: NonNullable<ReturnType<typeof aloneOf>>,
  step: Step,
  marginals: Marginals,
): [Buckets, (names: readonly string[]) => boolean] {
  if (step === 'day') return [marginals[name], ([said]) => said === value]
  return [marginals.hours, ([what, said]) => what === name && said === value]
}

function readKept(json: unknown): KeptBudget | undefined {
  if (!isArray(json) || json.length !== 2) return undefined
  const found = budget.safeParse(json[0])
  const steps = readAll(json[1], readStep)
  return found.success && steps ? { budget: found.data, spent: new Map(steps) } : undefined
}

function readStep(json: unknown): [number, Spent] | undefined {
  if (!isArray(json) || json.length !== 5) return undefined
  const [start, ...sums] = json
  if (!isInstant(start) || !sums.every(isCount)) return undefined
  const [money = 0, tokens = 0, requests = 0, unpriced = 0] = sums
  return [start, { money, tokens, requests, unpriced }]
}
