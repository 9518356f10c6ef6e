/** All that was ever counted, by provider, so that reading it costs the same however long the history is. */
import { jointDimensions } from './counted.ts'
import { addNamed, isSimulated, readNamed, type TotalsByName, writeNamed } from './named-totals.ts'
import type { Slice } from './slice.ts'
import { addSums, emptySums, type Sums } from './sums.ts'
import { other } from './totals.ts'

export type Lifetime = { real: Sums; simulated: Sums; providers: TotalsByName }

const providerAt = jointDimensions.indexOf('provider')

export const lifetime: Slice<Lifetime> = {
  empty: () => ({ real: emptySums(), simulated: emptySums(), providers: new Map() }),

  fold(state, _entry, _zone, counted) {
    for (const one of counted) {
      addNamed(state.providers, one.names[providerAt] ?? other, one)
      addSums(isSimulated(one) ? state.simulated : state.real, one.sums)
    }
  },

  write: (state, names) => writeNamed(state.providers, names),

  read(json, names) {
    const providers = readNamed(json, names)
    if (!providers) return undefined
    const state = { ...lifetime.empty(), providers }
    for (const row of providers.values()) addSums(row.simulated ? state.simulated : state.real, row.sums)
    return state
  },
}
