/** Codex: reads its base URL from its config or its command line only, never from the environment. */
import { join } from 'node:path'
import { type Assistant, leadsToUs } from './assistant.ts'
import { textOf } from './own-files.ts'

export const codex: Assistant = {
  name: 'codex',
  title: 'Codex',
  starts: { program: 'codex' },
  async plan(url, { env, userHome, args }) {
    if (args.some((arg) => /(^|=)(openai_base_url|model_provider)\s*=/.test(arg)))
      return { asItIs: 'Its arguments say already where its calls go' }
    if (args.includes('--oss')) return { asItIs: '--oss sends its calls to a model on this machine' }
    const text = await textOf(join(env.CODEX_HOME || join(userHome, '.codex'), 'config.toml'))
    // what stands after the first table is not at the top
    const top = text.split(/^\s*\[/m, 1)[0] ?? ''
    const stated = valueIn(top, 'openai_base_url')
    if (stated !== undefined && !leadsToUs(stated, url))
      return { asItIs: "Codex's config.toml sets openai_base_url already" }
    const provider = valueIn(top, 'model_provider')
    if (provider !== undefined && provider !== 'openai')
      return { asItIs: `Codex's config.toml chooses the provider ${provider}` }
    return {
      // not TOML as it stands, and then taken as text: quotes would not survive every shell
      args: stated === undefined ? ['-c', `openai_base_url=${url}/v1`] : [],
      notes: ['Only what Codex sends to its built-in provider "openai" comes through here.'],
    }
  },
}

/** The string that a key has in lines of TOML. */
function valueIn(toml: string, key: string): string | undefined {
  const found = new RegExp(`^[ \\t]*"?${key}"?[ \\t]*=[ \\t]*(?:"([^"\\n]*)"|'([^'\\n]*)')`, 'm').exec(toml)
  return found?.[1] ?? found?.[2]
}
