/** The budgets that hold, by id. */
import { type Budget, budget } from '../../shared/contract/budget.ts'
import { readAll } from './reading.ts'
import type { Slice } from './slice.ts'

export type Budgets = Map<string, Budget>

export const budgets: Slice<Budgets> = {
  empty: () => new Map(),

  fold(state, { e }) {
    if (e.type === 'budget.set') state.set(e.budget.id, e.budget)
    else if (e.type === 'budget.removed') state.delete(e.id)
  },

  write: (state) => [...state.values()],

  read(json) {
    const rows = readAll(json, (part) => budget.safeParse(part).data)
    return rows && new Map(rows.map((row) => [row.id, row]))
  },
}
