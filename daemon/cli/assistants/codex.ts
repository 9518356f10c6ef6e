/** Codex: reads its base URL from its config or its command line only, never from the environment. */
import { join } from 'node:path'
import { type Assistant, leadsToUs } from './assistant.ts'
import { textOf } from './own-files.ts'

export const codex: Assistant = {
  name: 'codex',
  title: 'Codex',
  starts: { program: 'codex' },
  async plan(url, { env, userHome, args }) {
    // -c KEY=VALUE, -cKEY=VALUE and --config=KEY=VALUE
    if (args.some((arg) => /(^|^-c|=)(openai_base_url|model_provider)\s*=/.test(arg)))
      return { asItIs: 'Its arguments say already where its calls go' }
    if (args.includes('--oss')) return { asItIs: '--oss sends its calls to a model on this machine' }
    const configs = await configsOf(env.CODEX_HOME || join(userHome, '.codex'), args)
    const stated = firstIn(configs, 'openai_base_url')
    if (stated !== undefined && !leadsToUs(stated.value, url))
      return { asItIs: `Codex's ${stated.file} sets openai_base_url already` }
    const provider = firstIn(configs, 'model_provider')
    if (provider !== undefined && provider.value !== 'openai')
      return { asItIs: `Codex's ${provider.file} chooses the provider ${provider.value}` }
    return {
      // not TOML as it stands, and then taken as text: quotes would not survive every shell
      args: stated === undefined ? ['-c', `openai_base_url=${url}/v1`] : [],
      notes: ['Only what Codex sends to its built-in provider "openai" comes through here.'],
    }
  },
}

type ConfigFile = { file: string; top: string }

/** What counts more goes first: the file of the profile that `-p` names lies over the user's own. A project's may set no address. */
async function configsOf(folder: string, args: readonly string[]): Promise<ConfigFile[]> {
  const profile = profileIn(args)
  const files = [...(profile === undefined ? [] : [`${profile}.config.toml`]), 'config.toml']
  return Promise.all(
    files.map(async (file) => {
      const text = await textOf(join(folder, file))
      // what stands after the first table is not at the top
      return { file, top: text.split(/^\s*\[/m, 1)[0] ?? '' }
    }),
  )
}

/** In each form that its command line takes: `-p NAME`, `-pNAME`, `--profile NAME`, `--profile=NAME`. */
function profileIn(args: readonly string[]): string | undefined {
  for (const [index, arg] of args.entries()) {
    if (arg === '--') return undefined
    if (arg === '-p' || arg === '--profile') return args[index + 1]
    const [, name] = /^(?:--profile=|-p=?)(.+)$/.exec(arg) ?? []
    if (name !== undefined) return name
  }
  return undefined
}

function firstIn(configs: readonly ConfigFile[], key: string): { file: string; value: string } | undefined {
  for (const { file, top } of configs) {
    const value = valueIn(top, key)
    if (value !== undefined) return { file, value }
  }
  return undefined
}

/** The string that a key has in lines of TOML. */
function valueIn(toml: string, key: string): string | undefined {
  const found = new RegExp(`^[ \\t]*"?${key}"?[ \\t]*=[ \\t]*(?:"([^"\\n]*)"|'([^'\\n]*)')`, 'm').exec(toml)
  return found?.[1] ?? found?.[2]
}
