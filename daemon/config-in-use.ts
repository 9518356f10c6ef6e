/** What the config means for a running daemon: providers, prices, limits, network; made anew when it or a stored key changes. */
import type { Log } from '../shared/contract/log.ts'
import type { ConfigDeps } from './api/handlers.ts'
import { budgetProblemsOf } from './budget-problems.ts'
import { chainProblemsOf } from './chain-problems.ts'
import { networkOf } from './network.ts'
import type { PriceUpdates } from './price-updates.ts'
import { type Catalogue, shippedCatalogue } from './pricing/catalogue.ts'
import { openPrices, type Prices } from './pricing/price.ts'
import { originOf } from './providers/base-url.ts'
import { providersOf } from './providers/index.ts'
import type { Provider } from './providers/provider.ts'
import { recordingOffText } from './recording.ts'
import { type RoutingTable, routingOf } from './routing/table.ts'
import { type Settings, settingsOf } from './settings.ts'
import type { ConfigProblem } from './store/config-words.ts'
import { openLiveConfig } from './store/live-config.ts'
import type { ProviderKeys } from './store/provider-keys.ts'
import { directNetwork, type Network } from './upstream/agent.ts'
import type { Warnings } from './warnings.ts'

/** A whole that is never changed in place: a call keeps the one it began with. */
export type InUse = {
  settings: Settings
  providers: ReadonlyMap<string, Provider>
  routing: RoutingTable
  catalogue: Catalogue
  priceOf: Prices['priceOf']
  quotesFor: Prices['quotesFor']
  /** Where newer prices are read; undefined: where the catalogue's makers publish them. */
  pricesUrl: string | undefined
  network: Network
}

export type ConfigInUse = Omit<ConfigDeps, 'now'> & {
  now(): InUse
  /** All keys that were ever lent since the start, and addresses and secrets of webhooks, so that none is told in any text. */
  lent: ReadonlySet<string>
  /** `fn` is told of each change behind it. */
  watch(fn: (before: InUse, after: InUse) => void): void
  close(): void
}

export type ConfigInUseOptions = {
  home: string
  env: NodeJS.ProcessEnv
  log: Log
  warnings: Warnings
  keys: ProviderKeys
  /** Default: the shipped ones. */
  catalogue?: Pick<PriceUpdates, 'catalogue' | 'watch'>
  /** Providers that do not come from the config. */
  added?: readonly Provider[]
}

export function openConfigInUse(options: ConfigInUseOptions): ConfigInUse {
  const { home, env, log, warnings, keys, added = [] } = options
  const catalogueNow = () => options.catalogue?.catalogue() ?? shippedCatalogue
  const live = openLiveConfig({ home, env, log, faultsOf: (config) => providersOf(config).problems })
  const atStart = settingsOf(live.config())
  const lent = new Set<string>()
  const watchers: ((before: InUse, after: InUse) => void)[] = []
  const standing = openStanding(warnings)
  let prices = JSON.stringify(live.config().prices)
  let catalogue = catalogueNow()
  let network: Network = directNetwork
  let now = derived()
  live.watch(renew)
  options.catalogue?.watch(renew)

  function renew(): void {
    const before = now
    now = derived()
    for (const fn of watchers) fn(before, now)
  }

  function derived(): InUse {
    const config = live.config()
    const settings = settingsOf(config)
    const { providers, problems } = providersOf(config, keys)
    for (const provider of added) providers.set(provider.id, provider)
    for (const { apiKey } of providers.values()) if (apiKey !== undefined) lent.add(apiKey)
    for (const { url, secret } of settings.webhooks) lent.add(url).add(secret)
    dropStrayKeys(providers)
    // a call without a price raises it again
    if (prices !== JSON.stringify(config.prices) || catalogue !== catalogueNow()) clearUnpriced()
    prices = JSON.stringify(config.prices)
    catalogue = catalogueNow()
    const { network: found, faults } = networkOf(config.network ?? {}, home, env)
    // the same one where nothing of it changed: connections that are open go on being used
    if (JSON.stringify(found) !== JSON.stringify(network)) network = found
    const routing = routingOf(config)
    const invalid = faults.map((fault): ConfigProblem => ({ code: 'config-invalid', ...fault }))
    standing([
      ...live.problems(),
      ...problems,
      ...chainProblemsOf(routing, providers, live.placeOf),
      ...budgetProblemsOf(config.budgets ?? [], providers, live.placeOf),
      ...invalid,
      ...recordingOf(settings),
      ...waitingForStart(settings, atStart),
    ])
    return {
      settings,
      providers,
      routing,
      catalogue,
      ...openPrices(config.prices ?? {}, catalogue),
      pricesUrl: config.pricesUrl,
      network,
    }
  }

  function clearUnpriced(): void {
    for (const { code, subject } of warnings.list()) if (code === 'unpriced-model') warnings.clear(code, subject)
  }

  /** A key is bound to its origin. Where no file says otherwise the provider may only seem to have moved. */
  function dropStrayKeys(providers: ReadonlyMap<string, Provider>): void {
    if (!live.isFromFile()) return
    for (const id of keys.providers()) {
      const provider = providers.get(id)
      const origin = keys.originOf(id)
      if (!provider || origin === originOf(provider.baseUrl)) continue
      const text = `The key of provider "${id}" was set for ${origin} and is dropped, as its calls now go to ${originOf(provider.baseUrl)}. Set one for there: tollkeeper provider set-key ${id}`
      warnings.raise('key-dropped', id, text)
      keys
        .drop(id)
        .catch((error: unknown) => log.error('A key that is no longer lent cannot be deleted', { id, error }))
    }
  }

  return {
    now: () => now,
    live,
    lent,
    hasKey: (provider) => keys.originOf(provider) !== undefined,
    watch: (fn) => void watchers.push(fn),
    async setKey(provider, key) {
      await keys.set(provider.id, originOf(provider.baseUrl), key)
      warnings.clear('key-dropped', provider.id)
      renew()
    },
    async dropKey(provider) {
      const dropping = keys.drop(provider)
      warnings.clear('key-dropped', provider)
      renew()
      await dropping
    },
    close: live.close,
  }
}

function recordingOf(settings: Settings): ConfigProblem[] {
  return settings.recording ? [] : [{ code: 'recording-off', subject: 'config.jsonc', text: recordingOffText }]
}

/** What the parts of the store were opened with stays until the next start. */
function waitingForStart(settings: Settings, atStart: Settings): ConfigProblem[] {
  const waits = (subject: string, text: string): ConfigProblem => ({
    code: 'restart-needed',
    subject,
    text: `${text} Restart the daemon: tollkeeper restart`,
  })
  const isSame = (of: (one: Settings) => unknown) => JSON.stringify(of(settings)) === JSON.stringify(of(atStart))
  return [
    ...(isSame((one) => one.timeZone)
      ? []
      : [
          waits(
            'timeZone',
            `Days still begin as in ${atStart.timeZone}: a new timeZone takes effect at the next start.`,
          ),
        ]),
    ...(isSame((one) => one.store)
      ? []
      : [waits('store', 'Changes of "store" and "retention" take effect at the next start.')]),
  ]
}

/** Raises what is wrong now and clears what no longer is; of several about one thing the first counts. */
function openStanding(warnings: Warnings): (problems: readonly ConfigProblem[]) => void {
  let before: ConfigProblem[] = []
  return (problems) => {
    const first = new Map<string, ConfigProblem>()
    for (const problem of problems) {
      const key = `${problem.code}\n${problem.subject}`
      if (!first.has(key)) first.set(key, problem)
    }
    for (const { code, subject } of before) if (!first.has(`${code}\n${subject}`)) warnings.clear(code, subject)
    before = [...first.values()]
    for (const { code, subject, text } of before) warnings.raise(code, subject, text)
  }
}
