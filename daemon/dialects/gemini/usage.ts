/** Reads `usageMetadata` as Gemini writes it, in one piece or over the chunks of a stream. */
import type { Usage } from '../../../shared/contract/usage.ts'
import { countOf, isObject } from '../loose-json.ts'

const fields = {
  prompt: 'promptTokenCount',
  cached: 'cachedContentTokenCount',
  toolUse: 'toolUsePromptTokenCount',
  candidates: 'candidatesTokenCount',
  thoughts: 'thoughtsTokenCount',
} as const

/** Each field's last told value. */
export type ToldUsage = Partial<Record<keyof typeof fields, number>>

/** Takes over what this `usageMetadata` tells: every chunk tells the counts so far, so the last value wins and nothing is added. */
export function takeUsage(told: ToldUsage, value: unknown): void {
  if (!isObject(value)) return
  for (const [name, field] of Object.entries(fields)) {
    const count = countOf(value[field])
    if (count !== undefined) told[name as keyof ToldUsage] = count
  }
}

/**
 * null: no token count was told. The cache is part of the prompt; what tools brought in stands beside it and is input too.
 * Thoughts stand beside the candidates and are billed as output. A count of zero is left out on the wire
 * (https://ai.google.dev/api/generate-content#UsageMetadata).
 */
export function usageOf(told: ToldUsage): Usage | null {
  if (Object.keys(told).length === 0) return null
  const { prompt, cached = 0, toolUse = 0, candidates = 0, thoughts = 0 } = told
  const cacheRead = Math.min(cached, prompt ?? cached)
  return {
    input: (prompt ?? cached) - cacheRead + toolUse,
    cacheRead,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    output: candidates + thoughts,
    reasoning: thoughts,
  }
}
