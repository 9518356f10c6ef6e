/** The `@google/genai` SDK: content, token counts, embeddings, lists of models. */
import { GoogleGenAI } from '@google/genai'
import { GoogleGenAI as GoogleGenAI2025 } from 'genai-2025'
import { collected, picture, question, type SdkCall } from './call.ts'

// the lines differ in types that do not matter here
const lines = { 'genai 3': GoogleGenAI, 'genai of 2025': GoogleGenAI2025 as unknown as typeof GoogleGenAI }
const declared = {
  functionDeclarations: [
    { name: 'get_weather', parametersJsonSchema: { type: 'object', properties: { location: { type: 'string' } } } },
  ],
}

type Asked = [what: string, fixture: string | null, ask: (models: GoogleGenAI['models']) => Promise<unknown>]

const asked: readonly Asked[] = [
  ['content', 'gemini/plain.json', (m) => m.generateContent({ model: 'plain', contents: question })],
  ['content, compressed', 'gemini/plain.json', (m) => m.generateContent({ model: 'gzip-plain', contents: question })],
  [
    'content, a picture',
    'gemini/plain.json',
    (m) =>
      m.generateContent({
        model: 'plain',
        contents: [{ inlineData: { mimeType: 'image/png', data: picture } }, question],
      }),
  ],
  [
    'content, thinking and caches',
    'gemini/thinking-cached.json',
    (m) =>
      m.generateContent({
        model: 'thinking-cached',
        contents: question,
        config: { thinkingConfig: { includeThoughts: true } },
      }),
  ],
  [
    'content stream',
    'gemini/plain.sse',
    async (m) => collected(await m.generateContentStream({ model: 'plain', contents: question })),
  ],
  [
    'content stream, compressed',
    'gemini/plain.sse',
    async (m) => collected(await m.generateContentStream({ model: 'gzip-plain', contents: question })),
  ],
  [
    'content stream, piece by piece',
    'gemini/crlf.sse',
    async (m) => collected(await m.generateContentStream({ model: 'slow-crlf', contents: question })),
  ],
  [
    'content stream, tools',
    'gemini/tools.sse',
    async (m) =>
      collected(await m.generateContentStream({ model: 'tools', contents: question, config: { tools: [declared] } })),
  ],
  ['content, refused', null, (m) => m.generateContent({ model: 'refused-429', contents: question })],
  ['content, no such model', null, (m) => m.generateContent({ model: 'none', contents: question })],
  [
    'embeddings',
    'gemini/embeddings-batch.json',
    (m) => m.embedContent({ model: 'embeddings-batch', contents: question }),
  ],
  ['a token count', null, (m) => m.countTokens({ model: 'plain', contents: question })],
]

export const genaiCalls: readonly SdkCall[] = Object.entries(lines).flatMap(([sdk, Client]) =>
  asked.map(([what, fixture, ask]) => ({
    sdk,
    what,
    fixture,
    run: (origin: string) => ask(new Client({ apiKey: 'own-key', httpOptions: { baseUrl: origin } }).models),
  })),
)
