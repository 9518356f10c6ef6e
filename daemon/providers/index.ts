/** The list of known providers, and the ones in use: the known ones with what the user's config says on top. */
import type { Config } from '../../shared/contract/config.ts'
import { anthropic } from './anthropic.ts'
import { type ConfiguredProviders, withConfigured } from './custom.ts'
import { deepseek } from './deepseek.ts'
import { groq } from './groq.ts'
import { mistral } from './mistral.ts'
import { openai } from './openai.ts'
import { openrouter } from './openrouter.ts'
import type { Provider } from './provider.ts'

export const knownProviders: readonly Provider[] = [openai, anthropic, openrouter, groq, deepseek, mistral]

export function providersOf(config: Config): ConfiguredProviders {
  return withConfigured(knownProviders, config.providers ?? {})
}
