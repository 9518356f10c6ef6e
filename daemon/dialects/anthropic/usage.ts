/** Reads `usage` as Anthropic writes it, in one piece or over the events of a stream. */
import type { Usage } from '../../../shared/contract/usage.ts'
import { countOf, isObject, objectOf } from '../loose-json.ts'
import { type Tier, tierOf } from '../tier.ts'
import { type Within, withinOf } from '../within.ts'

/** Each field's last told value. */
export type ToldUsage = {
  input?: number
  output?: number
  cacheRead?: number
  cacheWrite?: number
  cacheWrite5m?: number
  cacheWrite1h?: number
  webSearches?: number
  speed?: Tier
  tier?: Tier
  within?: Within
}

/**
 * Takes over what this `usage` tells. The counts in `message_delta` are cumulative, and newer models repeat every field there:
 * the last value wins and nothing is added (docs.anthropic.com/en/docs/build-with-claude/streaming).
 */
export function takeUsage(told: ToldUsage, value: unknown): void {
  if (!isObject(value)) return
  const split = objectOf(value.cache_creation)
  const fresh: ToldUsage = {}
  const take = (field: Exclude<keyof ToldUsage, 'speed' | 'tier' | 'within'>, count: unknown): void => {
    const known = countOf(count)
    if (known !== undefined) fresh[field] = known
  }
  take('input', value.input_tokens)
  take('output', value.output_tokens)
  take('cacheRead', value.cache_read_input_tokens)
  take('cacheWrite', value.cache_creation_input_tokens)
  take('cacheWrite5m', split.ephemeral_5m_input_tokens)
  take('cacheWrite1h', split.ephemeral_1h_input_tokens)
  take('webSearches', objectOf(value.server_tool_use).web_search_requests)
  const [speed, tier, within] = [tierOf(value.speed), tierOf(value.service_tier), withinOf(value.inference_geo)]
  if (speed !== undefined) fresh.speed = speed
  if (tier !== undefined) fresh.tier = tier
  if (within !== undefined) fresh.within = within
  Object.assign(told, fresh)
}

/** Its fast mode is a speed of the standard tier (https://platform.claude.com/docs/en/build-with-claude/fast-mode). */
export function servedAs({ speed, tier, within }: ToldUsage): { tier?: Tier; within?: Within } {
  const as = speed === undefined || speed === 'standard' ? (tier ?? speed) : speed
  return { ...(as !== undefined && { tier: as }), ...(within !== undefined && { within }) }
}

/**
 * null: no token count was told. Caches stand beside `input_tokens`; thinking is inside `output_tokens` and not split out.
 * Without a split by lifetime all that was written to the cache is of the short, default one.
 */
export function usageOf(told: ToldUsage): Usage | null {
  const { input, output, cacheRead, cacheWrite, cacheWrite5m, cacheWrite1h = 0 } = told
  if (input === undefined && output === undefined) return null
  const written = cacheWrite ?? (cacheWrite5m ?? 0) + cacheWrite1h
  const long = Math.min(cacheWrite1h, written)
  return {
    input: input ?? 0,
    cacheRead: cacheRead ?? 0,
    cacheWrite5m: written - long,
    cacheWrite1h: long,
    output: output ?? 0,
    reasoning: 0,
  }
}
