/** What chains did since the ledger began: sums by chain, and how many calls went on to another target. */
import { jointDimensions } from './counted.ts'
import { addNamed, isSimulated, readNamed, type TotalsByName, writeNamed } from './named-totals.ts'
import { fieldOf, isCount, readAll } from './reading.ts'
import type { Slice } from './slice.ts'

/** Calls without a chain are in no row. `failedOver`: calls whose last attempt went to another target than the first. */
export type Chains = { rows: TotalsByName; failedOver: { real: number; simulated: number } }

const chainAt = jointDimensions.indexOf('chain')

export const chains: Slice<Chains> = {
  empty: () => ({ rows: new Map(), failedOver: { real: 0, simulated: 0 } }),

  fold({ rows, failedOver }, _entry, _zone, counted) {
    for (const one of counted) {
      failedOver[isSimulated(one) ? 'simulated' : 'real'] += one.failedOver
      const name = one.names[chainAt] ?? ''
      if (name !== '') addNamed(rows, name, one)
    }
  },

  write: ({ rows, failedOver }, names) => ({
    rows: writeNamed(rows, names),
    failedOver: [failedOver.real, failedOver.simulated],
  }),

  read(json, names) {
    const rows = readNamed(fieldOf(json, 'rows'), names)
    const failedOver = readAll(fieldOf(json, 'failedOver'), (count) => (isCount(count) ? count : undefined))
    const [real, simulated] = failedOver ?? []
    return rows && real !== undefined && simulated !== undefined ? { rows, failedOver: { real, simulated } } : undefined
  },
}
