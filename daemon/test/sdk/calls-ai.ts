/** The `ai` SDK over its packages for each dialect. */
import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import * as ai from 'ai'
import * as ai2025 from 'ai-2025'
import { createAnthropic as createAnthropic2025 } from 'ai-anthropic-2025'
import { createGoogleGenerativeAI as createGoogle2025 } from 'ai-google-2025'
import { createOpenAI as createOpenAI2025 } from 'ai-openai-2025'
import { question, type SdkCall, toolSchema } from './call.ts'

type Line = {
  ai: typeof ai
  chat(origin: string): (model: string) => ai.LanguageModel
  responses(origin: string): (model: string) => ai.LanguageModel
  anthropic(origin: string): (model: string) => ai.LanguageModel
  gemini(origin: string): (model: string) => ai.LanguageModel
}

const v1 = (origin: string) => ({ apiKey: 'sk-own', baseURL: `${origin}/v1` })
const v1beta = (origin: string) => ({ apiKey: 'own-key', baseURL: `${origin}/v1beta` })

const lines: Record<string, Line> = {
  'ai 7': {
    ai,
    chat: (origin) => createOpenAICompatible({ ...v1(origin), name: 'some', includeUsage: true }),
    responses: (origin) => createOpenAI(v1(origin)).responses,
    anthropic: (origin) => createAnthropic(v1(origin)),
    gemini: (origin) => createGoogleGenerativeAI(v1beta(origin)),
  },
  'ai of 2025': {
    // the lines differ in types that do not matter here
    ai: ai2025 as unknown as typeof ai,
    chat: (origin) => createOpenAI2025(v1(origin)).chat,
    responses: (origin) => createOpenAI2025(v1(origin)).responses,
    anthropic: (origin) => createAnthropic2025(v1(origin)),
    gemini: (origin) => createGoogle2025(v1beta(origin)),
  },
}

const dialects = {
  chat: 'openai-chat',
  responses: 'openai-responses',
  anthropic: 'anthropic',
  gemini: 'gemini',
} as const

function callsOf(sdk: string, line: Line): SdkCall[] {
  const { generateText, streamText, jsonSchema } = line.ai
  const tools = { get_weather: { description: 'The weather', inputSchema: jsonSchema(toolSchema) } }
  return (Object.keys(dialects) as (keyof typeof dialects)[]).flatMap((by) => {
    const dialect = dialects[by]
    const whole = async (origin: string, model: string) => {
      const told = await generateText({ model: line[by](origin)(model), prompt: question, maxRetries: 0 })
      return { text: told.text, usage: told.usage, finish: told.finishReason, content: told.content }
    }
    const streamed = async (origin: string, model: string) => {
      const errors: unknown[] = []
      const onError = ({ error }: { error: unknown }) => void errors.push(String(error))
      const stream = streamText({ model: line[by](origin)(model), prompt: question, tools, maxRetries: 0, onError })
      const text: string[] = []
      for await (const piece of stream.textStream) text.push(piece)
      return { text, errors, usage: await stream.usage, calls: (await stream.toolCalls).map((call) => call.toolName) }
    }
    return [
      { sdk, what: `${by}, whole`, fixture: `${dialect}/plain.json`, run: (origin) => whole(origin, 'plain') },
      { sdk, what: `${by} stream`, fixture: `${dialect}/plain.sse`, run: (origin) => streamed(origin, 'plain') },
      { sdk, what: `${by} stream, tools`, fixture: `${dialect}/tools.sse`, run: (origin) => streamed(origin, 'tools') },
      { sdk, what: `${by}, no such model`, fixture: null, run: (origin) => whole(origin, 'none') },
    ]
  })
}

export const aiCalls: readonly SdkCall[] = Object.entries(lines).flatMap(([sdk, line]) => callsOf(sdk, line))
