/** The `openai` SDK: Chat Completions, Responses, embeddings, lists of models. */
import OpenAI from 'openai'
import OpenAI2025 from 'openai-2025'
import { collected, picture, question, type SdkCall, toolSchema } from './call.ts'

// the lines differ in types that do not matter here
const lines = { 'openai 7': OpenAI, 'openai of 2025': OpenAI2025 as unknown as typeof OpenAI }
const user = [{ role: 'user' as const, content: question }]
const withPicture = [
  {
    role: 'user' as const,
    content: [
      { type: 'text' as const, text: question },
      { type: 'image_url' as const, image_url: { url: `data:image/png;base64,${picture}` } },
    ],
  },
]
const tools = [{ type: 'function' as const, function: { name: 'get_weather', parameters: toolSchema } }]
const responseTools = [{ type: 'function' as const, name: 'get_weather', parameters: toolSchema, strict: true }]
const usage = { stream: true as const, stream_options: { include_usage: true } }

type Asked = [what: string, fixture: string | null, ask: (client: OpenAI) => Promise<unknown>]

const asked: readonly Asked[] = [
  ['chat', 'openai-chat/plain.json', (c) => c.chat.completions.create({ model: 'plain', messages: user })],
  [
    'chat, compressed',
    'openai-chat/plain.json',
    (c) => c.chat.completions.create({ model: 'gzip-plain', messages: user }),
  ],
  [
    'chat, a picture',
    'openai-chat/plain.json',
    (c) => c.chat.completions.create({ model: 'plain', messages: withPicture }),
  ],
  [
    'chat, tools',
    'openai-chat/tools.json',
    (c) => c.chat.completions.create({ model: 'tools', messages: user, tools }),
  ],
  [
    'chat, caches and reasoning',
    'openai-chat/cached-reasoning.json',
    (c) => c.chat.completions.create({ model: 'cached-reasoning', messages: user, reasoning_effort: 'low' }),
  ],
  [
    'chat stream',
    'openai-chat/plain.sse',
    async (c) => collected(await c.chat.completions.create({ model: 'plain', messages: user, ...usage })),
  ],
  [
    'chat stream, compressed',
    'openai-chat/plain.sse',
    async (c) => collected(await c.chat.completions.create({ model: 'gzip-plain', messages: user, ...usage })),
  ],
  [
    'chat stream, piece by piece',
    'openai-chat/crlf.sse',
    async (c) => collected(await c.chat.completions.create({ model: 'slow-crlf', messages: user, ...usage })),
  ],
  [
    'chat stream, tools',
    'openai-chat/tools.sse',
    async (c) => collected(await c.chat.completions.create({ model: 'tools', messages: user, tools, ...usage })),
  ],
  [
    'chat stream, usage not asked for',
    'openai-chat/plain.sse',
    async (c) => collected(await c.chat.completions.create({ model: 'plain', messages: user, stream: true })),
  ],
  [
    'completions',
    'openai-chat/completions.json',
    (c) => c.completions.create({ model: 'completions', prompt: question }),
  ],
  [
    'completions stream',
    'openai-chat/completions.sse',
    async (c) => collected(await c.completions.create({ model: 'completions', prompt: question, ...usage })),
  ],
  [
    'embeddings',
    'openai-chat/embeddings.json',
    (c) => c.embeddings.create({ model: 'embeddings', input: [question], encoding_format: 'float' }),
  ],
  ['chat, refused', null, (c) => c.chat.completions.create({ model: 'refused-rate', messages: user })],
  ['chat, no such model', null, (c) => c.chat.completions.create({ model: 'none', messages: user })],
  ['responses', 'openai-responses/plain.json', (c) => c.responses.create({ model: 'plain', input: question })],
  [
    'responses, compressed',
    'openai-responses/plain.json',
    (c) => c.responses.create({ model: 'gzip-plain', input: question }),
  ],
  [
    'responses, a picture',
    'openai-responses/plain.json',
    (c) =>
      c.responses.create({
        model: 'plain',
        input: [
          {
            role: 'user',
            content: [{ type: 'input_image', image_url: `data:image/png;base64,${picture}`, detail: 'auto' }],
          },
        ],
      }),
  ],
  [
    'responses, tools',
    'openai-responses/tools.json',
    (c) => c.responses.create({ model: 'tools', input: question, tools: responseTools }),
  ],
  [
    'responses stream',
    'openai-responses/plain.sse',
    async (c) => collected(await c.responses.create({ model: 'plain', input: question, stream: true })),
  ],
  [
    'responses stream, tools',
    'openai-responses/tools.sse',
    async (c) =>
      collected(await c.responses.create({ model: 'tools', input: question, tools: responseTools, stream: true })),
  ],
  [
    'responses stream, reasoning',
    'openai-responses/reasoning.sse',
    async (c) =>
      collected(
        await c.responses.create({ model: 'reasoning', input: question, reasoning: { effort: 'low' }, stream: true }),
      ),
  ],
  [
    'responses stream, failed',
    null,
    async (c) => collected(await c.responses.create({ model: 'failed', input: question, stream: true })),
  ],
  ['responses, refused', null, (c) => c.responses.create({ model: 'refused-rate', input: question })],
  ['models', null, async (c) => (await c.models.list()).data],
  ['one model', null, (c) => c.models.retrieve('a-model')],
]

export const openaiCalls: readonly SdkCall[] = Object.entries(lines).flatMap(([sdk, Client]) =>
  asked.map(([what, fixture, ask]) => ({
    sdk,
    what,
    fixture,
    run: (origin: string) => ask(new Client({ apiKey: 'sk-own', baseURL: `${origin}/v1`, maxRetries: 0 })),
  })),
)
