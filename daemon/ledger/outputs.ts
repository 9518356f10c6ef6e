/** How large answers are, by model and client: what a budget holds for a call that has just begun is learned from them. */
import type { AttemptEnded } from '../../shared/contract/event.ts'
import { keyOf } from './buckets.ts'
import { isArray, isCount, nameAt, readAll } from './reading.ts'
import type { Slice } from './slice.ts'

/** Answers by size: a step is a quarter of an octave, so a size is told to within 19 %. */
export type Sizes = { total: number; steps: Map<number, number> }

/** By `[model, client]`, and by the model alone, `[model]`; the one that was used last is the last. */
export type Outputs = Map<string, { names: readonly string[]; sizes: Sizes }>

/** The row unused for longest goes. */
export const outputsBound = 1000
/** Answers a row counts; at twice as many all are halved, so that old ones fade. */
export const fadesAt = 400

export const outputs: Slice<Outputs> = {
  empty: () => new Map(),

  fold(state, { e }) {
    if (e.type !== 'attempt.ended' || !tellsItsSize(e)) return
    const step = stepOfSize(e.usage?.output ?? 0)
    for (const names of [[e.model], [e.model, e.client]]) learn(state, names, step)
  },

  write: (state, names) => [...state.values()].map((row) => [row.names.map(names.idOf), [...row.sizes.steps]]),

  read(json, names) {
    const rows = readAll(json, (part) => {
      if (!isArray(part) || part.length !== 2) return undefined
      const named = readAll(part[0], (id) => nameAt(names, id))
      const steps = readAll(part[1], readStep)
      if (!named || !steps) return undefined
      const total = steps.reduce((sum, [, count]) => sum + count, 0)
      return { names: named, sizes: { total, steps: new Map(steps) } }
    })
    return rows && new Map(rows.map((row) => [keyOf(row.names), row]))
  },
}

/** Whole answers whose size was stated. The sandbox answers as nobody else does. */
function tellsItsSize(e: AttemptEnded): boolean {
  return e.outcome === 'ok' && e.usage !== null && e.usageSource === 'reported' && e.billing !== 'simulated'
}

function stepOfSize(tokens: number): number {
  return tokens <= 1 ? 0 : Math.ceil(Math.log2(tokens) * 4)
}

/** The largest size of a step, in tokens. */
export function sizeOfStep(step: number): number {
  return Math.floor(2 ** (step / 4))
}

function learn(state: Outputs, names: readonly string[], step: number): void {
  const key = keyOf(names)
  const row = state.get(key) ?? { names, sizes: { total: 0, steps: new Map<number, number>() } }
  const { sizes } = row
  sizes.steps.set(step, (sizes.steps.get(step) ?? 0) + 1)
  sizes.total++
  if (sizes.total >= 2 * fadesAt) fade(sizes)
  state.delete(key)
  state.set(key, row)
  if (state.size <= outputsBound) return
  const oldest = state.keys().next()
  if (!oldest.done) state.delete(oldest.value)
}

function fade(sizes: Sizes): void {
  sizes.total = 0
  for (const [step, count] of sizes.steps) {
    const half = Math.floor(count / 2)
    if (half === 0) sizes.steps.delete(step)
    else sizes.steps.set(step, half)
    sizes.total += half
  }
}

function readStep(json: unknown): [number, number] | undefined {
  if (!isArray(json) || json.length !== 2) return undefined
  const [step, count] = json
  return isCount(step) && isCount(count) ? [step, count] : undefined
}
