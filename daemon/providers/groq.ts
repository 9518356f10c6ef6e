/** Groq, as data: OpenAI's formats under a path of its own, Responses too. https://console.groq.com/docs/openai (2026-11) */
import { openai } from './openai.ts'
import type { Provider } from './provider.ts'

export const groq: Provider = {
  ...openai,
  id: 'groq',
  label: 'Groq',
  baseUrl: 'https://api.groq.com/openai/v1',
  catalogueId: 'groq',
}
