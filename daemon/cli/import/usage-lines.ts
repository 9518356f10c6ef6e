/** Reads usage as JSON Lines: one call a line with its time, model, prompt and completion tokens, as CLI proxies keep it. */
import type { ImportCall } from '../../../shared/contract/endpoints/import.ts'
import { countOf } from '../../dialects/loose-json.ts'
import {
  type Billing,
  bad,
  type IsNew,
  type Item,
  instantIn,
  nameIn,
  nothing,
  objectIn,
  type Reader,
} from './reader.ts'

export function usageLinesReader(of: { billing: Billing; isNew: IsNew }): Reader {
  return {
    source: 'usage-jsonl',
    open: () => ({
      line(bytes: Buffer, number: number): Item[] {
        const json = objectIn(bytes, [])
        if (json === null) return nothing
        if (typeof json === 'string') return bad(number, json)
        const call = callIn(json, of.billing)
        if (typeof call === 'string') return bad(number, call)
        return of.isNew(call.key) ? [{ kind: 'call', call }] : nothing
      },
      end: () => nothing,
    }),
  }
}

function callIn(json: Record<string, unknown>, billing: Billing): ImportCall | string {
  const at = instantIn(json.timestamp)
  if (at === undefined) return 'it has no time under "timestamp"'
  const model = nameIn(json.model)
  if (model === null) return 'it names no model'
  const [input, output] = [countOf(json.prompt_tokens), countOf(json.completion_tokens)]
  if (input === undefined || output === undefined) return 'it has no "prompt_tokens" and "completion_tokens"'
  const status = countOf(json.status)
  const id = nameIn(json.request_id)
  return {
    // the whole time, which may be finer than ours
    key: id ?? `${String(json.timestamp)} ${model} ${input} ${output} ${status ?? ''}`,
    // it is the other proxy's own, not the provider's
    request_id: null,
    at,
    provider: providerOf(model),
    model,
    client: 'unknown',
    session: null,
    folder: null,
    billing,
    usage: { input, output, cache_read: 0, cache_write_5m: 0, cache_write_1h: 0, reasoning: 0 },
    ...(status === undefined || status > 999 ? {} : { status }),
  }
}

/** The lines do not say it, and a price needs it. */
const makers: readonly (readonly [RegExp, string])[] = [
  [/^claude/i, 'anthropic'],
  [/^(gpt|chatgpt|o\d|text-embedding|codex)/i, 'openai'],
  [/^gemini/i, 'gemini'],
  [/^grok/i, 'xai'],
  [/^deepseek/i, 'deepseek'],
  [/^(mistral|codestral|devstral|magistral|ministral)/i, 'mistral'],
]

function providerOf(model: string): string {
  return makers.find(([pattern]) => pattern.test(model))?.[1] ?? 'unknown'
}
