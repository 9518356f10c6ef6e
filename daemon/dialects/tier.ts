/** The words that providers have for how they serve a call, read as ours. */
import type { ServiceTier } from '../../shared/contract/usage.ts'

export type Tier = ServiceTier | 'standard'

const words = new Map<string, Tier>(
  Object.entries({
    default: 'standard',
    standard: 'standard',
    standard_only: 'standard',
    // Groq's
    on_demand: 'standard',
    batch: 'batch',
    flex: 'flex',
    priority: 'priority',
    fast: 'fast',
    ultrafast: 'ultrafast',
  } as const),
)
/** A choice that is left to the provider says nothing of how the call is served. */
const saysNothing = new Set(['', 'auto', 'unspecified'])

/** A request's or a reply's `service_tier`, as OpenAI, Anthropic, Google and their likes write it; undefined: it says nothing. */
export function tierOf(said: unknown): Tier | undefined {
  if (typeof said !== 'string') return undefined
  const word = said
    .trim()
    .toLowerCase()
    .replace(/^service_tier_/, '')
  return saysNothing.has(word) ? undefined : (words.get(word) ?? 'other')
}
