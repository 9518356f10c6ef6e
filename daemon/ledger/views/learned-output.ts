/** How large the answer to a call may well be: what is held for it until it is known. */
import { keyOf } from '../buckets.ts'
import type { Ledger } from '../ledger.ts'
import { type Sizes, sizeOfStep } from '../outputs.ts'

/** Of ten answers like it, nine are no larger. */
const share = 0.9
/** Fewer answers say nothing. */
const enough = 5
/** Tokens, where nothing is known of a model. */
export const unknownOutput = 1000

/** In tokens, by the answers this client had of the model, else by all answers of the model. */
export function learnedOutput({ outputs }: Pick<Ledger, 'outputs'>, model: string, client: string): number {
  for (const names of [[model, client], [model]]) {
    const row = outputs.get(keyOf(names))
    if (row && row.sizes.total >= enough) return sizeAt(row.sizes)
  }
  return unknownOutput
}

function sizeAt({ total, steps }: Sizes): number {
  let left = Math.ceil(total * share)
  let reached = 0
  for (const [step, count] of [...steps].sort(([a], [b]) => a - b)) {
    reached = step
    left -= count
    if (left <= 0) break
  }
  return sizeOfStep(reached)
}
