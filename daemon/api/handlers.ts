/** What the functions behind the endpoint table look like, and what they may use: a row without its function does not compile. */
import type { IncomingMessage } from 'node:http'
import type { Asked, ReplyOf } from '../../shared/contract/endpoint.ts'
import type { importRows } from '../../shared/contract/endpoints/import.ts'
import type { EndpointName, Endpoints } from '../../shared/contract/endpoints/index.ts'
import type { DaemonFigures } from '../../shared/contract/endpoints/metrics.ts'
import type { pricesRows } from '../../shared/contract/endpoints/prices.ts'
import type { Entry } from '../../shared/contract/event.ts'
import type { Log } from '../../shared/contract/log.ts'
import type { Gpu, MachineFigures } from '../../shared/contract/machine.ts'
import type { Warning } from '../../shared/contract/warning.ts'
import type { Buckets } from '../ledger/buckets.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { MonthName } from '../ledger/months.ts'
import type { CountedLimits } from '../ledger/views/counted-limits.ts'
import type { Catalogue } from '../pricing/catalogue.ts'
import type { Prices } from '../pricing/price.ts'
import type { ServerLook } from '../providers/loaded-models.ts'
import type { Provider } from '../providers/provider.ts'
import type { RoutingTable } from '../routing/table.ts'
import type { Book } from '../store/book.ts'
import type { Keys } from '../store/keys-file.ts'
import type { LiveConfig } from '../store/live-config.ts'
import type { Reach } from '../store/retention.ts'
import type { Tokens } from '../store/tokens.ts'
import type { Principal, PrincipalDeps } from './principal.ts'
import type { Problem } from './problem.ts'
import type { Sessions } from './session.ts'

type PricesDeps = {
  /** When the newest prices were fetched, ISO 8601; null: they came with the program. */
  updatedAt(): string | null
  /** Fetches newer ones and uses them; or says why all stays as it was. */
  update(): Promise<ReplyOf<typeof pricesRows.updatePrices> | { refused: string }>
}

type MetricsDeps = {
  /** All figures as Prometheus reads them, in the form that the header `accept` likes best. */
  text(asked: { accept: string | undefined; simulated: 'only' | undefined }): { bytes: Uint8Array; type: string }
  /** What the daemon tells of itself. */
  ofDaemon(asked: { simulated: 'only' | undefined }): DaemonFigures
}

export type ConfigDeps = {
  live: LiveConfig
  now(): Prices & {
    providers: ReadonlyMap<string, Provider>
    catalogue: Catalogue
    routing: RoutingTable
    settings: { recording: boolean }
  }
  hasKey(provider: string): boolean
  /** Keeps a key to lend, for the origin that the provider has now. */
  setKey(provider: Provider, key: string): Promise<void>
  dropKey(provider: string): Promise<void>
}

/** Everything the API needs, handed in by the wiring. */
export type ApiDeps = {
  /** Read anew at each request. */
  ledger(): Ledger
  /** Numbers the event and folds it. */
  record: Book['record']
  /** All entries of one call, oldest first; empty where nothing is known of it. */
  entriesOf(callId: string): Promise<Entry[]>
  /** What is on the disk. */
  history: Pick<Book, 'attempts' | 'calls' | 'compact' | 'figures'>
  /** The days of a closed month, by number, summed by `names`; null where its file cannot be read, of which a warning tells. */
  daysOfMonth(month: string, names: readonly MonthName[]): Promise<Buckets | null>
  keys: Keys
  tokens: Tokens
  /** Who holds this credential of ours; undefined: nobody. */
  holderOf: PrincipalDeps['holderOf']
  /** The local token, `tk_local_…`. */
  token: string
  instanceId: string
  version: string
  /** Where we listen; known once the server does. */
  port(): number
  /** Epoch ms. */
  now(): number
  /** The user's own limits on providers, and what is left of them. */
  countedLimits(): readonly CountedLimits[]
  /** Calls that run now. */
  inFlight(): number
  /** Those that run are waited for, new ones are refused. */
  isStopping(): boolean
  warnings(): Warning[]
  /** Scheme, host and port of a webhook, by the name that the history has for it; undefined: it is configured no longer. */
  webhookOrigin(hook: string): string | undefined
  metrics: MetricsDeps
  /** How far back the journal reaches. */
  reach(): Reach
  /** Begins the stop; a second call cuts what still runs. */
  stop(graceSeconds: number): void
  /** The folder of the built dashboard. */
  dashboardDir: string
  /** The known ones, and those that the user's config makes or names. */
  providers(): Iterable<{ id: string; configured: boolean; critical?: boolean }>
  /** What a look of our own found where a model server is on this machine or network; undefined: none was taken. */
  serverOf(provider: string): ServerLook | undefined
  /** As it was read last: at once. */
  gpu(): Gpu
  /** As it was read a few seconds ago, or is now. */
  machine(): Promise<MachineFigures>
  /** Whether it sells a model of this name; null: nobody knows. */
  sells(provider: Provider, model: string): boolean | null
  /** Whether `/v0/management` may be asked from beyond this machine, and how often each who asks may ask a limited row in a minute. */
  settings(): { remoteManagement: boolean; requestsPerMinute: number }
  /** Makes a name from outside fit to be kept and shown. */
  safeName(text: string): string
  /** Newer prices; those in use are the config's. */
  prices: PricesDeps
  /** What the user wants, and the ways to change it. */
  config: ConfigDeps
  /** Adds calls that did not come through the daemon, each once; or says why none were added. */
  importCalls(
    batch: Asked<typeof importRows.importCalls>['body'],
  ): Promise<ReplyOf<typeof importRows.importCalls> | { refused: string }>
  log: Log
  /** How long a wrong credential waits for its answer. Default 200 ms. */
  failDelayMs?: number
  /** How long a reader of an answer in pieces may take nothing of it. Default 60 s. */
  stallMs?: number
}

export type Context = { req: IncomingMessage; principal: Principal | undefined; requestId: string; now: number }

/** A reply of any length: pieces are made as they are read. */
export type Pieces = { pieces: AsyncIterable<string | Uint8Array>; type: string; headers?: Record<string, string> }

/** A reply, in JSON or as bytes of another type, or an expected no. */
export type Answer<T> =
  | Pieces
  /** `unchanged`: it was asked for a change, and there was none to make. */
  | { value: T; status?: number; headers?: Record<string, string>; unchanged?: boolean }
  | { bytes: Uint8Array; type: string; headers?: Record<string, string> }
  | Problem

type Handler<K extends EndpointName> = (
  asked: Asked<Endpoints[K]>,
  context: Context,
) => Answer<ReplyOf<Endpoints[K]>> | Promise<Answer<ReplyOf<Endpoints[K]>>>

export type Handlers = { [K in EndpointName]: Handler<K> }

export type FamilyDeps = ApiDeps & { sessions: Sessions }
