/** All that was ever counted, by provider, so that reading it costs the same however long the history is. */
import { billingAt, jointDimensions } from './counted.ts'
import { isArray, isInstant, nameAt, readAll } from './reading.ts'
import type { Slice } from './slice.ts'
import { addSums, emptySums, readSums, type Sums, writeSums } from './sums.ts'
import { other } from './totals.ts'

/** Providers kept for ever; later ones are `other`. */
export const providerBound = 200

export type ProviderTotals = { provider: string; simulated: boolean; sums: Sums; lastAt: number | null }
export type Lifetime = { real: Sums; simulated: Sums; providers: Map<string, ProviderTotals> }

const providerAt = jointDimensions.indexOf('provider')

export const lifetime: Slice<Lifetime> = {
  empty: () => ({ real: emptySums(), simulated: emptySums(), providers: new Map() }),

  fold(state, _entry, _zone, counted) {
    for (const { at, names, sums, call } of counted) {
      const simulated = names[billingAt] === 'simulated'
      const row = rowAt(state, names[providerAt] ?? other, simulated)
      addSums(row.sums, sums)
      addSums(simulated ? state.simulated : state.real, sums)
      if (call) row.lastAt = Math.max(row.lastAt ?? at, at)
    }
  },

  write: (state, names) =>
    [...state.providers.values()].map((row) => [
      names.idOf(row.provider),
      row.simulated ? 1 : 0,
      row.lastAt,
      writeSums(row.sums),
    ]),

  read(json, names) {
    const state = lifetime.empty()
    const rows = readAll(json, (part) => readRow(part, names))
    if (!rows) return undefined
    for (const row of rows) {
      state.providers.set(keyOfRow(row.provider, row.simulated), row)
      addSums(row.simulated ? state.simulated : state.real, row.sums)
    }
    return state
  },
}

function keyOfRow(provider: string, simulated: boolean): string {
  return simulated ? `simulated ${provider}` : `real ${provider}`
}

function rowAt(state: Lifetime, name: string, simulated: boolean): ProviderTotals {
  const known = state.providers.get(keyOfRow(name, simulated))
  if (known) return known
  const provider = state.providers.size < providerBound ? name : other
  const key = keyOfRow(provider, simulated)
  const row = state.providers.get(key) ?? { provider, simulated, sums: emptySums(), lastAt: null }
  state.providers.set(key, row)
  return row
}

function readRow(json: unknown, names: readonly string[]): ProviderTotals | undefined {
  if (!isArray(json) || json.length !== 4) return undefined
  const [id, kind, lastAt, numbers] = json
  const provider = nameAt(names, id)
  const sums = readSums(numbers)
  if (provider === undefined || !sums || (kind !== 0 && kind !== 1)) return undefined
  if (lastAt !== null && !isInstant(lastAt)) return undefined
  return { provider, simulated: kind === 1, sums, lastAt }
}
