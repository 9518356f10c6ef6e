/** What both of OpenAI's dialects share in stating usage: caches are part of the input, reasoning is part of the output. */
import type { Usage } from '../../shared/contract/usage.ts'
import { objectOf } from './loose-json.ts'

/** Counts as they were stated; undefined: it was not. */
export type Stated = {
  input: number | undefined
  output: number
  cached: number
  written: number
  reasoning: number
}

export function usageOf({ input, output, cached, written, reasoning }: Stated): Usage {
  const cacheRead = Math.min(cached, input ?? cached)
  const cacheWrite5m = Math.min(written, (input ?? written + cacheRead) - cacheRead)
  return {
    input: Math.max(0, (input ?? 0) - cacheRead - cacheWrite5m),
    cacheRead,
    cacheWrite5m,
    cacheWrite1h: 0,
    output,
    reasoning: Math.min(reasoning, output),
  }
}

/** OpenRouter states in `usage.cost` what it charges, in USD. */
export function readStatedCost(value: unknown): number | null {
  const cost = objectOf(value).cost
  return typeof cost === 'number' && Number.isFinite(cost) && cost >= 0 ? cost : null
}
