/** opencode: an address for each provider that it has an API key for, laid over its config by one variable. */
import { join } from 'node:path'
import { parse } from 'jsonc-parser'
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

const noKey = 'No API key was found for a provider that opencode could reach through here'

export const opencode: Assistant = {
  name: 'opencode',
  title: 'opencode',
  starts: { program: 'opencode' },
  async plan(url, around) {
    if (around.env.OPENCODE_CONFIG_CONTENT) return { asItIs: 'OPENCODE_CONFIG_CONTENT is set already' }
    const options = await optionsOf(around)
    const own = new Set(options.filter(({ baseURL }) => isOther(baseURL, url)).map(({ id }) => id))
    const keyed = await withKeys(around, options)
    // a provider that only gets an address from us would show up in its list of models without a key
    const ours = Object.entries(providers).filter(([id]) => keyed.has(id) && !own.has(id))
    if (ours.length === 0)
      return { asItIs: keyed.size === 0 ? noKey : `Its config says already where ${[...keyed].join(' and ')} is` }
    // one that leads here already may pin a provider or name a folder
    const here = new Map(options.flatMap(({ id, baseURL }) => (baseURL ? [[id, baseURL]] : [])))
    const provider = Object.fromEntries(
      ours.map(([id, { path }]) => [id, { options: { baseURL: here.get(id) ?? url + path } }]),
    )
    return {
      variables: [{ name: 'OPENCODE_CONFIG_CONTENT', value: JSON.stringify({ provider }) }],
      notes: [
        `Of opencode's providers these come through here: ${ours.map(([id]) => id).join(', ')}. Logins and others go their own way.`,
      ],
    }
  },
}

/** What a config of the user's says of one provider. */
type Options = { id: string; apiKey: unknown; baseURL: unknown }

/** Providers with an API key: of what opencode has stored only names and kinds are looked at. */
async function withKeys({ env, userHome }: Around, options: readonly Options[]): Promise<Set<string>> {
  const data = env.XDG_DATA_HOME || join(userHome, '.local', 'share')
  const given = env.OPENCODE_AUTH_CONTENT
  const stored = given ? objectOr(parse(given)) : await objectIn(join(data, 'opencode', 'auth.json'))
  const configured = new Set(
    options.filter(({ apiKey }) => typeof apiKey === 'string' && apiKey !== '').map(({ id }) => id),
  )
  const hasKey = (id: string, keys: readonly string[]) =>
    configured.has(id) ||
    objectOr(stored[id]).type === 'api' ||
    (stored[id] === undefined && keys.some((name) => env[name]))
  return new Set(Object.entries(providers).flatMap(([id, { keys }]) => (hasKey(id, keys) ? [id] : [])))
}

/** All that the user's own configs say of providers, wherever opencode looks for one. */
async function optionsOf({ env, userHome, cwd }: Around): Promise<Options[]> {
  const global = join(env.XDG_CONFIG_HOME || join(userHome, '.config'), 'opencode')
  const folders = [
    global,
    join(userHome, '.opencode'),
    ...(env.OPENCODE_CONFIG_DIR ? [env.OPENCODE_CONFIG_DIR] : []),
    ...upwards(cwd).flatMap((folder) => [folder, join(folder, '.opencode')]),
  ]
  const files = [
    join(global, 'config.json'),
    ...folders.flatMap((folder) => [join(folder, 'opencode.json'), join(folder, 'opencode.jsonc')]),
    ...(env.OPENCODE_CONFIG ? [env.OPENCODE_CONFIG] : []),
  ]
  const configs = await Promise.all(files.map(objectIn))
  // as opencode fills it in, wherever it stands in a config
  const filled = (value: unknown) =>
    typeof value === 'string' ? value.replace(/\{env:([^}]+)\}/g, (_, name: string) => env[name] ?? '') : value
  return configs
    .flatMap((config) => Object.entries(objectOr(config.provider)))
    .map(([id, provider]) => {
      const { apiKey, baseURL } = objectOr(objectOr(provider).options)
      return { id, apiKey: filled(apiKey), baseURL: filled(baseURL) }
    })
}
