/** The price catalogue of a running daemon: as shipped, or with what the user had fetched over it; fetched only when somebody asks. */
import { REMOTE_DATA_JSON_URL } from '@pydantic/genai-prices'
import type { ReplyOf } from '../shared/contract/endpoint.ts'
import type { pricesRows } from '../shared/contract/endpoints/prices.ts'
import type { Log } from '../shared/contract/log.ts'
import { type Catalogue, openCatalogue, shippedCatalogue } from './pricing/catalogue.ts'
import { differencesOf, whyImplausible } from './pricing/plausible.ts'
import { knownProviders } from './providers/index.ts'
import { pathIn, readPricesFile, readPublished, type StoredPrices, writePricesFile } from './store/prices-file.ts'
import type { Network } from './upstream/agent.ts'
import { download } from './upstream/download.ts'
import type { Warnings } from './warnings.ts'

type PricesUpdated = ReplyOf<typeof pricesRows.updatePrices>

export type PriceUpdates = {
  catalogue(): Catalogue
  /** ISO 8601; null: nothing was ever fetched. */
  updatedAt(): string | null
  /** `fn` is told of each new catalogue behind it. */
  watch(fn: () => void): void
  /** `pricesUrl` undefined: from where the makers of the catalogue publish it. `refused`: a sentence that says why all stays as it was. */
  update(from: { pricesUrl: string | undefined; network: Network }): Promise<PricesUpdated | { refused: string }>
}

export async function openPriceUpdates(options: {
  home: string
  log: Log
  warnings: Warnings
  /** Epoch ms. */
  now(): number
}): Promise<PriceUpdates> {
  const { home, log, warnings, now } = options
  const watchers: (() => void)[] = []
  let stored: StoredPrices | null = null
  let catalogue = shippedCatalogue
  let turn: Promise<unknown> = Promise.resolve()

  function use(prices: StoredPrices): void {
    stored = prices
    const version = `${prices.updatedAt.slice(0, 10)} update`
    catalogue = openCatalogue({ version, providers: prices.providers })
  }

  const read = await readPricesFile(home)
  if (read && 'why' in read) {
    const text = `${pathIn(home)} cannot be read (${read.why}): the prices that came with this version are used. "tollkeeper prices update" writes it anew.`
    warnings.raise('prices-unreadable', pathIn(home), text)
  } else if (read) use(read)

  async function updateFrom(url: string, network: Network): Promise<PricesUpdated | { refused: string }> {
    const fetched = await fetchedFrom(url, network, { catalogue, lastModified: stored?.lastModified ?? null })
    if ('refused' in fetched) return fetched
    const { added, changed } = differencesOf(fetched.providers, catalogue)
    const updatedAt = new Date(now()).toISOString()
    const prices = { url, updatedAt, ...fetched }
    try {
      await writePricesFile(home, prices)
    } catch (error) {
      return { refused: `The fetched prices cannot be kept: ${String(error)}. Those from before are used on.` }
    }
    use(prices)
    warnings.clear('prices-unreadable', pathIn(home))
    for (const fn of watchers) fn()
    const models = fetched.providers.reduce((sum, provider) => sum + provider.models.length, 0)
    log.info('Prices updated', { url, version: catalogue.version, models, added, changed })
    return {
      version: catalogue.version,
      updated_at: updatedAt,
      url,
      models,
      new_models: added,
      changed_models: changed,
    }
  }

  return {
    catalogue: () => catalogue,
    updatedAt: () => stored?.updatedAt ?? null,
    watch: (fn) => void watchers.push(fn),
    update({ pricesUrl = REMOTE_DATA_JSON_URL, network }) {
      const taken = turn.then(() => updateFrom(pricesUrl, network))
      // whoever asked for this one is told what went wrong
      turn = taken.catch(() => undefined)
      return taken
    },
  }
}

const catalogueIds = knownProviders.flatMap(({ catalogueId }) => catalogueId ?? [])

/** Fetched, read and held against what is there; nothing is changed by it. */
async function fetchedFrom(
  url: string,
  network: Network,
  before: { catalogue: Catalogue; lastModified: string | null },
): Promise<Pick<StoredPrices, 'providers' | 'lastModified'> | { refused: string }> {
  if (!mayFetch(url))
    return { refused: `Prices are fetched over https, or http from this machine, and not from ${url} ("pricesUrl").` }
  const found = await download(url, network)
  const stays = 'The prices from before are used on.'
  if (found.kind === 'failed') return { refused: `${url} could not be fetched: it ${found.why}. ${stays}` }
  let json: unknown
  try {
    json = JSON.parse(found.bytes.toString('utf8'))
  } catch {
    return { refused: `What ${url} answered is no JSON. ${stays}` }
  }
  const providers = readPublished(json)
  if ('why' in providers)
    return { refused: `What ${url} answered is not in the form that this version reads, ${providers.why}. ${stays}` }
  const { lastModified } = found
  if (lastModified && before.lastModified && Date.parse(lastModified) < Date.parse(before.lastModified))
    return { refused: `The fetched prices are older than those at hand: of ${lastModified}. ${stays}` }
  const why = whyImplausible(providers, before.catalogue, catalogueIds)
  return why === undefined ? { providers, lastModified } : { refused: `The fetched prices ${why}. ${stays}` }
}

function mayFetch(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname))
}
