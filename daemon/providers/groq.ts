/** Groq, as data: OpenAI's wire format under a path of its own. https://console.groq.com/docs/openai */
import { openai } from './openai.ts'
import type { Provider } from './provider.ts'

export const groq: Provider = {
  ...openai,
  id: 'groq',
  label: 'Groq',
  baseUrl: 'https://api.groq.com/openai/v1',
  catalogueId: 'groq',
}
