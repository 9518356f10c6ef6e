/** opencode: an address for each provider that it has an API key for, laid over its config by one variable. */
import { join } from 'node:path'
import { type Around, type Assistant, isOther } from './assistant.ts'
import { objectIn, objectOr, upwards } from './own-files.ts'

/** Its names for providers that we know, the path of each here, and the variables that it takes their keys from. */
const providers: Readonly<Record<string, { path: string; keys: readonly string[] }>> = {
  anthropic: { path: '/v1', keys: ['ANTHROPIC_API_KEY'] },
  openai: { path: '/v1', keys: ['OPENAI_API_KEY'] },
  google: { path: '/v1beta', keys: ['GOOGLE_GENERATIVE_AI_API_KEY', 'GEMINI_API_KEY'] },
  openrouter: { path: '/p/openrouter/v1', keys: ['OPENROUTER_API_KEY'] },
  groq: { path: '/p/groq/v1', keys: ['GROQ_API_KEY'] },
  mistral: { path: '/p/mistral/v1', keys: ['MISTRAL_API_KEY'] },
  deepseek: { path: '/p/deepseek/v1', keys: ['DEEPSEEK_API_KEY'] },
}

export const opencode: Assistant = {
  name: 'opencode',
  title: 'opencode',
  starts: { program: 'opencode' },
  async plan(url, around) {
    if (around.env.OPENCODE_CONFIG_CONTENT) return { asItIs: 'OPENCODE_CONFIG_CONTENT is set already' }
    const own = await ownAddresses(url, around)
    const keyed = await withKeys(around)
    // a provider that only gets an address from us would show up in its list of models without a key
    const ours = Object.entries(providers).filter(([id]) => keyed.has(id) && !own.has(id))
    if (ours.length === 0)
      return { asItIs: 'No API key was found for a provider that opencode could reach through here' }
    const provider = Object.fromEntries(ours.map(([id, { path }]) => [id, { options: { baseURL: url + path } }]))
    return {
      variables: [{ name: 'OPENCODE_CONFIG_CONTENT', value: JSON.stringify({ provider }) }],
      notes: [
        `Of opencode's providers these come through here: ${ours.map(([id]) => id).join(', ')}. Logins and others go their own way.`,
      ],
    }
  },
}

/** Providers with an API key: of what opencode has stored only names and kinds are looked at. */
async function withKeys({ env, userHome }: Around): Promise<Set<string>> {
  const data = env.XDG_DATA_HOME || join(userHome, '.local', 'share')
  const stored = await objectIn(join(data, 'opencode', 'auth.json'))
  const hasKey = (id: string, keys: readonly string[]) =>
    objectOr(stored[id]).type === 'api' || (stored[id] === undefined && keys.some((name) => env[name]))
  return new Set(Object.entries(providers).flatMap(([id, { keys }]) => (hasKey(id, keys) ? [id] : [])))
}

/** Providers that the user's own configs send somewhere else. */
async function ownAddresses(url: string, { env, userHome, cwd }: Around): Promise<Set<string>> {
  const folders = [
    join(env.XDG_CONFIG_HOME || join(userHome, '.config'), 'opencode'),
    ...(env.OPENCODE_CONFIG_DIR ? [env.OPENCODE_CONFIG_DIR] : []),
    ...upwards(cwd).flatMap((folder) => [folder, join(folder, '.opencode')]),
  ]
  const files = folders.flatMap((folder) => [join(folder, 'opencode.json'), join(folder, 'opencode.jsonc')])
  const all = await Promise.all([...files, ...(env.OPENCODE_CONFIG ? [env.OPENCODE_CONFIG] : [])].map(objectIn))
  return new Set(
    all
      .flatMap((config) => Object.entries(objectOr(config.provider)))
      .filter(([, provider]) => isOther(objectOr(objectOr(provider).options).baseURL, url))
      .map(([id]) => id),
  )
}
