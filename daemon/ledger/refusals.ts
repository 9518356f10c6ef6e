/** Our own refusals by code: counted here and nowhere else, for nothing was sent. */
import { isArray, isCount, isInstant, nameAt, readAll } from './reading.ts'
import type { Slice } from './slice.ts'
import { other } from './totals.ts'

/** Codes kept; later ones are `other`. */
export const codeBound = 100

type Refused = { code: string; count: number; lastAt: number }
export type Refusals = Map<string, Refused>

export const refusals: Slice<Refusals> = {
  empty: () => new Map(),

  fold(state, { e, t }) {
    if (e.type !== 'call.refused') return
    const code = state.has(e.code) || state.size < codeBound ? e.code : other
    const known = state.get(code)
    state.set(code, { code, count: (known?.count ?? 0) + 1, lastAt: Math.max(known?.lastAt ?? t, t) })
  },

  write: (state, names) => [...state.values()].map((row) => [names.idOf(row.code), row.count, row.lastAt]),

  read(json, names) {
    const rows = readAll(json, (part) => readRow(part, names))
    return rows && new Map(rows.map((row) => [row.code, row]))
  },
}

function readRow(json: unknown, names: readonly string[]): Refused | undefined {
  if (!isArray(json) || json.length !== 3) return undefined
  const code = nameAt(names, json[0])
  const [count, lastAt] = [json[1], json[2]]
  return code !== undefined && isCount(count) && isInstant(lastAt) ? { code, count, lastAt } : undefined
}
