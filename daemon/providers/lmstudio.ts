/** LM Studio on this machine, as data. https://lmstudio.ai/docs/developer (2026-11) */
import { ollama } from './ollama.ts'
import type { Provider } from './provider.ts'

export const lmstudio: Provider = {
  ...ollama,
  id: 'lmstudio',
  label: 'LM Studio',
  baseUrl: 'http://127.0.0.1:1234/v1',
}
