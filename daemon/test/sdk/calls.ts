/** Every kind of call of every SDK, in its current line and in one of 2025. */
import { aiCalls } from './calls-ai.ts'
import { anthropicCalls } from './calls-anthropic.ts'
import { genaiCalls } from './calls-genai.ts'
import { openaiCalls } from './calls-openai.ts'

export type SdkCall = {
  sdk: string
  what: string
  /** The reply's fixture, `openai-chat/plain.sse`; null: the call counts no tokens. */
  fixture: string | null
  /** `origin` without a path. Gives what the caller of the SDK sees. */
  run(origin: string): Promise<unknown>
}

export const sdkCalls: readonly SdkCall[] = [...openaiCalls, ...anthropicCalls, ...genaiCalls, ...aiCalls]

/** All that a stream gives, in order. */
export async function collected(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = []
  for await (const one of stream) all.push(one)
  return all
}

/** One red pixel (PNG), as base64. */
export const picture =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=='

export const question = 'Who keeps the bridge? ü "quoted"'

export const toolSchema = {
  type: 'object' as const,
  properties: { location: { type: 'string' as const } },
  required: ['location'],
}
