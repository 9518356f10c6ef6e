/** The `@anthropic-ai/sdk`: Messages, token counts, lists of models. */
import Anthropic from '@anthropic-ai/sdk'
import Anthropic2025 from 'anthropic-2025'
import { collected, picture, question, type SdkCall, toolSchema } from './call.ts'

// the lines differ in types that do not matter here
const lines = { 'anthropic 1': Anthropic, 'anthropic of 2025': Anthropic2025 as unknown as typeof Anthropic }
const messages = [{ role: 'user' as const, content: question }]
const withPicture = [
  {
    role: 'user' as const,
    content: [
      { type: 'image' as const, source: { type: 'base64' as const, media_type: 'image/png' as const, data: picture } },
    ],
  },
]
const tools = [{ name: 'get_weather', input_schema: toolSchema }]
const params = (model: string) => ({ model, max_tokens: 200, messages })

type Asked = [what: string, fixture: string | null, ask: (client: Anthropic) => Promise<unknown>]

const asked: readonly Asked[] = [
  ['messages', 'anthropic/plain.json', (c) => c.messages.create(params('plain'))],
  ['messages, compressed', 'anthropic/plain.json', (c) => c.messages.create(params('gzip-plain'))],
  [
    'messages, a picture',
    'anthropic/plain.json',
    (c) => c.messages.create({ ...params('plain'), messages: withPicture }),
  ],
  ['messages, tools', 'anthropic/tools.json', (c) => c.messages.create({ ...params('tools'), tools })],
  ['messages, caches', 'anthropic/cache-split.json', (c) => c.messages.create(params('cache-split'))],
  ['messages stream', 'anthropic/plain.sse', (c) => collected(c.messages.stream(params('plain')))],
  ['messages stream, compressed', 'anthropic/plain.sse', (c) => collected(c.messages.stream(params('gzip-plain')))],
  ['messages stream, piece by piece', 'anthropic/crlf.sse', (c) => collected(c.messages.stream(params('slow-crlf')))],
  ['messages stream, tools', 'anthropic/tools.sse', (c) => collected(c.messages.stream({ ...params('tools'), tools }))],
  [
    'messages stream, thinking',
    'anthropic/thinking.sse',
    (c) =>
      collected(
        c.messages.stream({
          ...params('thinking'),
          max_tokens: 3000,
          thinking: { type: 'enabled', budget_tokens: 2000 },
        }),
      ),
  ],
  [
    'messages, a beta',
    'anthropic/plain.json',
    (c) => c.beta.messages.create({ ...params('plain'), betas: ['context-1m-2025-08-07'] }),
  ],
  ['messages, refused', null, (c) => c.messages.create(params('refused-rate'))],
  ['messages, no such model', null, (c) => c.messages.create(params('none'))],
  ['a token count', null, (c) => c.messages.countTokens({ model: 'plain', messages })],
  ['models', null, async (c) => (await c.models.list()).data],
]

export const anthropicCalls: readonly SdkCall[] = Object.entries(lines).flatMap(([sdk, Client]) =>
  asked.map(([what, fixture, ask]) => ({
    sdk,
    what,
    fixture,
    run: (origin: string) => ask(new Client({ apiKey: 'sk-ant-own', baseURL: origin, maxRetries: 0 })),
  })),
)
