/** What both of OpenAI's dialects share in stating usage: caches are part of the input, reasoning is part of the output. */
import type { AudioUsage, Usage } from '../../shared/contract/usage.ts'
import { countOf, objectOf } from './loose-json.ts'

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

/**
 * Sound is part of both sums, and of the cached tokens too; how much of those it is, not all say
 * (https://platform.openai.com/docs/api-reference/chat/object, `audio_tokens`). `input` and `output`: the details of each sum.
 */
export function audioOf(input: unknown, output: unknown): AudioUsage | undefined {
  const inside = objectOf(input)
  const heard = countOf(inside.audio_tokens) ?? 0
  const spoken = countOf(objectOf(output).audio_tokens) ?? 0
  if (heard === 0 && spoken === 0) return undefined
  const cacheRead = countOf(objectOf(inside.cached_tokens_details).audio_tokens)
  return { input: heard, ...(cacheRead !== undefined && { cacheRead }), output: spoken }
}

/** `output`: the details of that sum. */
export function hasImages(output: unknown): boolean {
  return (countOf(objectOf(output).image_tokens) ?? 0) > 0
}

/** A dollar's ten-thousand-millionth, in which xAI states its charges (docs.x.ai/developers/cost-tracking, 2026-11). */
const ticksPerUsd = 1e10

/** What the provider itself says it charges, in USD: OpenRouter in `usage.cost`, xAI in ticks. null: it says nothing. */
export function readStatedCost(value: unknown): number | null {
  const { cost, cost_in_usd_ticks: ticks } = objectOf(value)
  if (isAmount(cost)) return cost
  return isAmount(ticks) ? ticks / ticksPerUsd : null
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}
