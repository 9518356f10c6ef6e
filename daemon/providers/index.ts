/** The list of known providers, and the ones in use: the known ones with what the user's config says on top. */
import type { Config } from '../../shared/contract/config.ts'
import { anthropic } from './anthropic.ts'
import { azure } from './azure.ts'
import { cerebras } from './cerebras.ts'
import { codex } from './codex.ts'
import { type ConfiguredProviders, type StoredKeys, withConfigured } from './custom.ts'
import { deepseek } from './deepseek.ts'
import { fireworks } from './fireworks.ts'
import { gemini } from './gemini.ts'
import { groq } from './groq.ts'
import { lmstudio } from './lmstudio.ts'
import { mistral } from './mistral.ts'
import { moonshot } from './moonshot.ts'
import { ollama } from './ollama.ts'
import { openai } from './openai.ts'
import { openrouter } from './openrouter.ts'
import type { Provider, ProviderKind } from './provider.ts'
import { together } from './together.ts'
import { xai } from './xai.ts'

export const knownProviders: readonly Provider[] = [
  openai,
  codex,
  anthropic,
  gemini,
  openrouter,
  groq,
  mistral,
  deepseek,
  xai,
  together,
  fireworks,
  cerebras,
  moonshot,
  ollama,
  lmstudio,
]

/** Known but for where they are: they exist only as the user's config says. */
export const knownKinds: readonly ProviderKind[] = [azure]

/** `stored`: keys to lend that do not stand in the config. */
export function providersOf(config: Config, stored?: StoredKeys): ConfiguredProviders {
  return withConfigured(knownProviders, knownKinds, config.providers ?? {}, stored)
}
