/** Models whose price is not known, and how many calls to each went unpriced. */
import { keyOf } from './buckets.ts'
import { countedAt } from './counted.ts'
import { isArray, isCount, isInstant, nameAt, readAll } from './reading.ts'
import type { Slice } from './slice.ts'
import { isUnpriced } from './sums.ts'

/** Later models are counted in the totals only. */
export const unpricedBound = 500

type UnpricedModel = { provider: string; model: string; requests: number; lastAt: number }
export type PricesSeen = Map<string, UnpricedModel>

export const pricesSeen: Slice<PricesSeen> = {
  empty: () => new Map(),

  fold(state, { e, t }) {
    if (e.type !== 'attempt.ended' || !e.last) return
    const at = countedAt(e, t)
    if (!isUnpriced(e)) {
      // priced now: the user or a newer table has said what it costs
      if (e.cost !== null && state.size > 0) state.delete(keyOf([e.provider, e.model]))
      return
    }
    const key = keyOf([e.provider, e.model])
    const known = state.get(key)
    if (!known && state.size >= unpricedBound) return
    const requests = (known?.requests ?? 0) + 1
    state.set(key, { provider: e.provider, model: e.model, requests, lastAt: Math.max(known?.lastAt ?? at, at) })
  },

  write: (state, names) =>
    [...state.values()].map((row) => [names.idOf(row.provider), names.idOf(row.model), row.requests, row.lastAt]),

  read(json, names) {
    const rows = readAll(json, (part) => readRow(part, names))
    return rows && new Map(rows.map((row) => [keyOf([row.provider, row.model]), row]))
  },
}

function readRow(json: unknown, names: readonly string[]): UnpricedModel | undefined {
  if (!isArray(json) || json.length !== 4) return undefined
  const [provider, model] = [nameAt(names, json[0]), nameAt(names, json[1])]
  const [requests, lastAt] = [json[2], json[3]]
  if (provider === undefined || model === undefined || !isCount(requests) || !isInstant(lastAt)) return undefined
  return { provider, model, requests, lastAt }
}
