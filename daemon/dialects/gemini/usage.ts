/** Reads `usageMetadata` as Gemini writes it, in one piece or over the chunks of a stream. */
import type { AudioUsage, Usage } from '../../../shared/contract/usage.ts'
import { countOf, isObject, listOf, objectOf } from '../loose-json.ts'

const fields = {
  prompt: 'promptTokenCount',
  cached: 'cachedContentTokenCount',
  toolUse: 'toolUsePromptTokenCount',
  candidates: 'candidatesTokenCount',
  thoughts: 'thoughtsTokenCount',
} as const

/** Where it says of which kind the tokens of a field are. */
const details = {
  prompt: 'promptTokensDetails',
  cached: 'cacheTokensDetails',
  toolUse: 'toolUsePromptTokensDetails',
  candidates: 'candidatesTokensDetails',
} as const

/** Each field's last told value. */
export type ToldUsage = Partial<Record<keyof typeof fields, number>>
/** How much of it is sound, as far as that was told. */
export type ToldSound = Partial<Record<keyof typeof details, number>>

/** Takes over what this `usageMetadata` tells: every chunk tells the counts so far, so the last value wins and nothing is added. */
export function takeUsage(told: ToldUsage, value: unknown): void {
  if (!isObject(value)) return
  for (const [name, field] of Object.entries(fields)) {
    const count = countOf(value[field])
    if (count !== undefined) told[name as keyof ToldUsage] = count
  }
}

/** The same of the lists by kind (https://ai.google.dev/api/generate-content#ModalityTokenCount). */
export function takeSound(told: ToldSound, value: unknown): void {
  if (!isObject(value)) return
  for (const [name, field] of Object.entries(details)) {
    if (Array.isArray(value[field])) told[name as keyof ToldSound] = tokensOf(value[field], 'AUDIO')
  }
}

/** Tokens of images are part of what came out, at a price of their own (ai.google.dev/gemini-api/docs/pricing, 2026-11). */
export function hasImages(value: unknown): boolean {
  return tokensOf(objectOf(value)[details.candidates], 'IMAGE') > 0
}

function tokensOf(list: unknown, kind: 'AUDIO' | 'IMAGE'): number {
  return listOf(list)
    .map(objectOf)
    .reduce((sum, { modality, tokenCount }) => sum + (modality === kind ? (countOf(tokenCount) ?? 0) : 0), 0)
}

/** Sound is part of each count that it stands beside. undefined: none was heard or spoken. */
export function audioOf({ prompt = 0, toolUse = 0, candidates = 0, cached }: ToldSound): AudioUsage | undefined {
  const input = prompt + toolUse
  if (input === 0 && candidates === 0) return undefined
  return { input, ...(cached !== undefined && { cacheRead: cached }), output: candidates }
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
