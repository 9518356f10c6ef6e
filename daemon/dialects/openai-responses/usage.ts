/** Reads `usage` of a response, and what in its output is billed by the piece. */
import type { AudioUsage, Usage } from '../../../shared/contract/usage.ts'
import { countOf, isObject, listOf, objectOf } from '../loose-json.ts'
import { audioOf, usageOf } from '../openai-usage.ts'

/**
 * null: it holds no token count. Tokens read from and written to a cache are part of `input_tokens`, reasoning is part of
 * `output_tokens` (platform.openai.com/docs/api-reference/responses/object).
 */
export function readUsage(value: unknown): Usage | null {
  if (!isObject(value)) return null
  const input = countOf(value.input_tokens)
  const output = countOf(value.output_tokens)
  if (input === undefined && output === undefined) return null
  const inside = objectOf(value.input_tokens_details)
  return usageOf({
    input,
    output: output ?? 0,
    cached: countOf(inside.cached_tokens) ?? 0,
    written: countOf(inside.cache_write_tokens) ?? 0,
    reasoning: countOf(objectOf(value.output_tokens_details).reasoning_tokens) ?? 0,
  })
}

export function readAudio(value: unknown): AudioUsage | undefined {
  const { input_tokens_details: input, output_tokens_details: output } = objectOf(value)
  return audioOf(input, output)
}

/** Opening a page that was found costs nothing of its own (platform.openai.com/docs/guides/tools-web-search). */
export function isBilledSearch(item: unknown): boolean {
  const { type, status, action } = objectOf(item)
  return type === 'web_search_call' && status !== 'failed' && (objectOf(action).type ?? 'search') === 'search'
}

export function readWebSearches(output: unknown): number {
  return listOf(output).filter(isBilledSearch).length
}
