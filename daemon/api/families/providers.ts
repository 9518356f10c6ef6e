/** `/api/v1/providers`: the providers in use, their entries in the user's config, and keys to lend that are stored apart from it. */
import type { ProviderConfig } from '../../../shared/contract/config-providers.ts'
import type { configRows, ProviderBody, ProviderRow } from '../../../shared/contract/endpoints/config.ts'
import { readKey } from '../../providers/custom.ts'
import type { Provider } from '../../providers/provider.ts'
import { putBack } from '../../store/config-shown.ts'
import type { EditNo } from '../../store/live-config.ts'
import type { FamilyDeps, Handlers } from '../handlers.ts'
import { type Problem, problem } from '../problem.ts'
import { bad, hasMoved, ifMatch, keyStays, problemOf, providersIn, type Value, valueIn } from './config.ts'

type Rows = Omit<typeof configRows, 'config' | 'putConfig'>

export function providerHandlers({ config }: Pick<FamilyDeps, 'config'>): Pick<Handlers, keyof Rows> {
  const { live } = config
  const provider = (id: string) => config.now().providers.get(id)
  const row = (id: string) => {
    const found = provider(id)
    return found ? { value: rowOf(found, live.config().providers?.[id]) } : unknown(id)
  }
  return {
    configuredProviders: () => {
      const entries = live.config().providers ?? {}
      return { value: { providers: [...config.now().providers.values()].map((one) => rowOf(one, entries[one.id])) } }
    },
    configuredProvider: ({ params }) => row(params.id),
    async putProvider({ params, body }, context) {
      const no = await live.edit(ifMatch(context), (written) => withEntry(written, params.id, body))
      return no ? problemOf(no) : row(params.id)
    },
    async removeProvider({ params: { id } }, context) {
      const no = await live.edit(ifMatch(context), (written) => {
        const { [id]: entry, ...providers } = providersIn(written)
        if (entry !== undefined) return { value: { ...written, providers } }
        return config.hasKey(id) ? { value: written } : { code: 'not_found', detail: notThere(id) }
      })
      if (no) return problemOf(no)
      await config.dropKey(id)
      return { value: { id, removed: true } }
    },
    async setProviderKey({ params: { id }, body }) {
      const found = provider(id)
      if (!found) return unknown(id)
      if (valueIn(providersIn(live.written())[id]).apiKey !== undefined) {
        const detail = `Provider "${id}" has an apiKey in config.jsonc already, and that one counts: take it out there first.`
        return problem('conflict', detail)
      }
      if (found.simulated) return problem('conflict', `Provider "${id}" is simulated and takes no key.`)
      const why = readKey(id, body.key, found.plan).problems[0]
      if (why !== undefined) return problem('bad_request', why, { context: { parameter: 'key' } })
      await config.setKey(found, body.key)
      return row(id)
    },
    async dropProviderKey({ params: { id } }) {
      if (!config.hasKey(id)) return problem('not_found', `No key is stored for a provider "${id.slice(0, 100)}".`)
      await config.dropKey(id)
      return row(id)
    },
  }
}

/** The entry as the body says it, with what only the file says: its key, limits of the user's own, and how replies are read. */
function withEntry(written: Value, id: string, body: ProviderBody): { value: Value } | EditNo {
  const providers = providersIn(written)
  const held = valueIn(providers[id])
  const back = putBack(entryOf(body), held)
  if ('bad' in back) return bad(`The value at "${back.path}" ${back.bad}.`)
  const { apiKey, limits, quotaHeaders, refusals } = held
  const entry = { ...valueIn(back.value), ...defined({ apiKey, limits, quotaHeaders, refusals }) }
  if (hasMoved(held, entry)) return { code: 'conflict', detail: keyStays(id) }
  return { value: { ...written, providers: { ...providers, [id]: entry } } }
}

function entryOf(body: ProviderBody): Value {
  const { base_url, allow_insecure, allow_paths, timeouts, ...same } = body
  return defined({
    extends: same.extends,
    baseUrl: base_url,
    local: same.local,
    passthrough: same.passthrough,
    allowInsecure: allow_insecure,
    allowPaths: allow_paths,
    models: same.models,
    timeouts:
      timeouts &&
      defined({
        connectSeconds: timeouts.connect_seconds,
        headSeconds: timeouts.head_seconds,
        silenceSeconds: timeouts.silence_seconds,
      }),
  })
}

function rowOf(provider: Provider, entry: ProviderConfig | undefined): ProviderRow {
  const { connectSeconds, headSeconds, silenceSeconds } = entry?.timeouts ?? {}
  return {
    id: provider.id,
    label: provider.label,
    base_url: provider.baseUrl,
    dialects: [...provider.dialects],
    extends: entry?.extends ?? null,
    configured: entry !== undefined,
    local: provider.local,
    passthrough: provider.passthrough,
    simulated: provider.simulated,
    allow_paths: [...(provider.allowPaths ?? [])],
    models: [...(provider.models ?? [])],
    timeouts: {
      ...(connectSeconds !== undefined && { connect_seconds: connectSeconds }),
      ...(headSeconds !== undefined && { head_seconds: headSeconds }),
      ...(silenceSeconds !== undefined && { silence_seconds: silenceSeconds }),
    },
    key: keyOf(provider, entry),
  }
}

function keyOf(provider: Provider, entry: ProviderConfig | undefined): ProviderRow['key'] {
  if (provider.apiKey !== undefined) return entry?.apiKey === undefined ? 'stored' : 'config'
  return provider.keyHeader === 'none' ? 'unneeded' : 'none'
}

function defined(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined))
}

function notThere(id: string): string {
  return `config.jsonc has no entry for a provider "${id.slice(0, 100)}".`
}

function unknown(id: string): Problem {
  return problem(
    'not_found',
    `There is no provider "${id.slice(0, 100)}" in use; GET /api/v1/providers lists those that are.`,
  )
}
