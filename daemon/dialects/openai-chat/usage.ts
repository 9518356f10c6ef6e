/** Reads `usage` as OpenAI and those who speak its dialect write it. */
import type { AudioUsage, Usage } from '../../../shared/contract/usage.ts'
import { countOf, isObject, type JsonObject, objectOf } from '../loose-json.ts'
import { audioOf, hasImages, usageOf } from '../openai-usage.ts'

/**
 * null: it holds no token count. Cached and cache-written tokens are part of `prompt_tokens`, reasoning is part of
 * `completion_tokens` (platform.openai.com/docs/api-reference/chat/object).
 */
export function readUsage(value: unknown): Usage | null {
  if (!isObject(value)) return null
  const prompt = countOf(value.prompt_tokens)
  const completion = countOf(value.completion_tokens)
  if (prompt === undefined && completion === undefined) return null
  const inside = objectOf(value.prompt_tokens_details)
  // Beside prompt_tokens DeepSeek states its cache as hit and miss, Moonshot as cached_tokens.
  const read =
    countOf(inside.cached_tokens) ?? countOf(value.prompt_cache_hit_tokens) ?? countOf(value.cached_tokens) ?? 0
  // OpenRouter passes on what Anthropic models wrote to their cache.
  const written = countOf(inside.cache_write_tokens) ?? 0
  const reasoning = countOf(objectOf(value.completion_tokens_details).reasoning_tokens) ?? 0
  const output = (completion ?? 0) + reasoningBeside(value, prompt, completion, reasoning)
  return usageOf({ input: prompt, output, cached: read, written, reasoning })
}

/** xAI counts reasoning beside completion_tokens (docs.x.ai, 2025); only the total shows it. */
function reasoningBeside(usage: JsonObject, prompt = 0, completion = 0, reasoning: number): number {
  return reasoning > 0 && countOf(usage.total_tokens) === prompt + completion + reasoning ? reasoning : 0
}

export function readAudio(value: unknown): AudioUsage | undefined {
  const { prompt_tokens_details: input, completion_tokens_details: output } = objectOf(value)
  return audioOf(input, output)
}

export function madeImages(value: unknown): boolean {
  return hasImages(objectOf(value).completion_tokens_details)
}

export function readWebSearches(value: unknown): number {
  return countOf(objectOf(objectOf(value).server_tool_use).web_search_requests) ?? 0
}
