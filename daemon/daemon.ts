/** THE wiring: creates everything, hands each part what it needs, and takes it down again in order. */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { monotonicFactory, ulid } from 'ulid'
import { defaultPort } from '../shared/contract/discovery.ts'
import { CONTRACT_VERSION } from '../shared/contract/feed.ts'
import type { Log } from '../shared/contract/log.ts'
import { openApi } from './api/mount.ts'
import { dialects } from './dialects/index.ts'
import { findDaemon, removeDiscovery, writeDiscovery } from './discovery.ts'
import { openFeed } from './feed/feed.ts'
import { limitOf } from './ledger/views/limits.ts'
import { standingOf } from './ledger/views/standing.ts'
import { summaryOf } from './ledger/views/summary.ts'
import { type Listening, listen } from './listen.ts'
import { openPrices } from './pricing/price.ts'
import { providersOf } from './providers/index.ts'
import { readQuota } from './providers/quota-headers.ts'
import { sandboxProvider } from './providers/sandbox.ts'
import { openAccounts } from './proxy/account.ts'
import { defaultBodyLimits } from './proxy/body.ts'
import { openInFlight } from './proxy/inflight.ts'
import { type KeyHolder, openProxy } from './proxy/proxy.ts'
import { openSandbox } from './sandbox/sandbox.ts'
import { scrub } from './scrub.ts'
import { type Book, openBook } from './store/book.ts'
import { readConfig } from './store/config-file.ts'
import { homeIsPrivate, takeHome } from './store/home-lock.ts'
import { openKeys } from './store/keys-file.ts'
import { openUpstream } from './upstream/send.ts'
import { version } from './version.ts'
import { openWarnings } from './warnings.ts'

export type StartOptions = {
  home: string
  /** 0: any free one. Absent: the one this home has kept, else 8655 or the next free one. */
  port?: number
  /** Adds the built-in simulated provider. */
  sandbox?: boolean
  log: Log
  /** Wall clock in epoch ms; a test's own. */
  now?: () => number
  env?: NodeJS.ProcessEnv
}

export type Running = {
  kind: 'started'
  url: string
  port: number
  instanceId: string
  token: string
  book: Book
  /** Resolves when somebody asked the daemon to stop and it has. */
  stopped: Promise<void>
  /** Lets open streams end within the grace time, then cuts them and closes the store. A second call cuts at once. */
  close(graceSeconds?: number): Promise<void>
}
export type Started = Running | { kind: 'already-running'; url: string } | { kind: 'unusable'; why: string }

export async function startDaemon(options: StartOptions): Promise<Started> {
  const { home, log } = options
  const now = options.now ?? Date.now
  const clock = () => performance.now()
  const lock = await takeHome(home)
  if (lock.kind === 'unusable') return { kind: 'unusable', why: lock.why }
  if (lock.kind === 'held') return alreadyRunning(home, lock.by.pid)

  const closers: (() => Promise<void> | void)[] = [() => lock.release()]
  const undo = async () => {
    for (const step of closers.reverse()) await step()
  }
  try {
    return await wire()
  } catch (error) {
    await undo()
    throw error
  }

  async function wire(): Promise<Started> {
    const warnings = openWarnings({ log, now })
    if (!homeIsPrivate(home))
      warnings.raise(
        'home-open',
        home,
        `Other users of this machine can read ${home}. Take their rights away, for instance with chmod 700.`,
      )
    const { config, problems } = readConfig(home, options.env ?? process.env)
    const configured = providersOf(config)
    for (const problem of [...problems, ...configured.problems])
      warnings.raise(problem.code, problem.subject, problem.text)

    const timeZone = config.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
    const prices = openPrices(config.prices ?? {})
    const book = await openBook({
      home,
      timeZone,
      epoch: lock.kind === 'taken' ? lock.epoch : 0,
      flushEvents: config.store?.flushEvents ?? 50,
      flushSeconds: config.store?.flushSeconds ?? 1,
      compactEvents: config.store?.compactEvents ?? 10_000,
      compactMinutes: config.store?.compactMinutes ?? 60,
      retentionDays: config.retention?.journalDays ?? 90,
      warn: warnings,
      log,
      now,
    })
    closers.push(() => book.close())
    log.info('Database opened', {
      dbPath: home,
      events: book.recovered.events,
      ms: book.recovered.ms,
      interrupted: book.recovered.interrupted,
    })

    const keys = await openKeys({ home, now })
    const providers = configured.providers
    if (options.sandbox) {
      const sandbox = await openSandbox({ now })
      closers.push(() => sandbox.close())
      providers.set('sandbox', sandboxProvider(sandbox.url))
    }

    const instanceId = ulid(now())
    const token = `tk_local_${randomBytes(32).toString('base64url')}`
    const nextId = monotonicFactory()
    const newRequestId = () => `req_${nextId(now())}`
    const upstream = openUpstream()
    closers.push(() => upstream.close())
    const inFlight = openInFlight()
    let port = 0
    let stopping: Promise<void> | undefined
    let settleStopped: () => void = () => {}
    const stopped = new Promise<void>((resolve) => {
      settleStopped = resolve
    })

    const about = () => ({
      instanceId,
      version,
      url: `http://127.0.0.1:${port}`,
      inFlight: inFlight.count(),
      warnings: warnings.list(),
    })
    const api = openApi({
      ledger: () => book.ledger,
      entriesOf: book.entriesOf,
      keys,
      token,
      instanceId,
      version,
      port: () => port,
      now,
      inFlight: inFlight.count,
      warnings: warnings.list,
      stop: (graceSeconds) => void close(graceSeconds),
      dashboardDir: fileURLToPath(new URL('../dashboard/', import.meta.url)),
      providers: () => providers.values(),
      log,
    })
    const feed = openFeed({
      listenerOf: api.listenerOf,
      isLive: (id) => keys.list().some((key) => key.id === id),
      watchRevoked: keys.watchRevoked,
      watchEntries: book.watch,
      watchWarnings: warnings.watch,
      warnings: warnings.list,
      summary: () => summaryOf(book.ledger, now(), about()),
      standing: () => standingOf(book.ledger, now(), inFlight.count()),
      limit: (provider, account, model) => limitOf(book.ledger, now(), provider, account, model),
      instanceId,
      version,
      now,
      log,
    })
    const proxy = openProxy({
      dialects,
      providers: () => providers,
      holderOf: (credential, remote) => holderOf(credential, remote),
      rules: () => ({ port, allowedHosts: config.allowedHosts ?? [], allowedOrigins: config.allowedOrigins ?? [] }),
      bodyLimits: {
        ...defaultBodyLimits,
        ...(config.limits?.bodyMiB && { bodyBytes: config.limits.bodyMiB * 2 ** 20 }),
        ...(config.limits?.heldMiB && { heldBytes: config.limits.heldMiB * 2 ** 20 }),
      },
      newRequestId,
      rowOf: api.rowOf,
      rest: api.handler,
      feed: feed.upgrade,
      isStopping: () => stopping !== undefined,
      record: (event) => void book.record(event),
      priceOf: prices.priceOf,
      accounts: openAccounts(keys.fingerprint),
      scrub: (text, own) => scrub(own === null ? text : text.replaceAll(own, '…')),
      warn: warnings,
      log,
      now,
      clock,
      upstream,
      inFlight,
      readQuota,
      isOurs: (origin) =>
        [`http://127.0.0.1:${port}`, `http://localhost:${port}`, `http://[::1]:${port}`].includes(origin),
    })
    book.watch((entry) => logCall(log, entry.e))

    const listening = await listenAsWanted(options, {
      request: proxy.handle,
      upgrade: proxy.upgrade,
      newRequestId,
      now,
    })
    if (listening.kind !== 'listening') {
      await undo()
      return { kind: 'unusable', why: whyNotListening(listening, options.port !== undefined) }
    }
    port = listening.port
    closers.push(() => listening.close())
    const startedAt = new Date(now()).toISOString()
    writeDiscovery(home, {
      pid: process.pid,
      port,
      token,
      instanceId,
      version,
      contract: { min: CONTRACT_VERSION, max: CONTRACT_VERSION },
      startedAt,
    })
    closers.push(() => removeDiscovery(home, instanceId))
    const url = `http://127.0.0.1:${port}`
    log.info('Ready', { providers: [...providers.keys()], chains: [], defaultChain: null, dbPath: home, url })
    return { kind: 'started', url, port, instanceId, token, book, stopped, close }

    function close(graceSeconds = 30): Promise<void> {
      if (stopping) {
        inFlight.cutAll()
        return stopping
      }
      stopping = (async () => {
        feed.close()
        if (listening.kind === 'listening') listening.closeIdle()
        await inFlight.drain(graceSeconds * 1000)
        await undo()
        log.info('Database closed', { dbPath: home })
        settleStopped()
      })()
      return stopping
    }

    function holderOf(credential: string, remote: boolean): KeyHolder | undefined {
      if (credential.startsWith('tk_local_')) {
        return !remote && sameText(credential, token)
          ? { id: 'local', name: 'local', scope: 'admin', providers: null }
          : undefined
      }
      return keys.principalOf(credential)
    }
  }
}

async function alreadyRunning(home: string, pid: number): Promise<Started> {
  const found = await findDaemon(home)
  if ('url' in found) return { kind: 'already-running', url: found.url }
  return {
    kind: 'unusable',
    why: `Another Tollkeeper (process ${pid}) holds ${home} but does not answer. Wait until it has started, or end it.`,
  }
}

/** A port that was asked for is that port or none; the first start takes the default or the next free one, and the home keeps it. */
async function listenAsWanted(options: StartOptions, listeners: Parameters<typeof listen>[1]): Promise<Listening> {
  if (options.port !== undefined) return listen(options.port, listeners)
  const file = join(options.home, 'port')
  const kept = keptPort(file)
  if (kept !== undefined) return listen(kept, listeners)
  let last: Listening = { kind: 'in-use', port: defaultPort }
  for (let port = defaultPort; port < defaultPort + 20 && last.kind === 'in-use'; port++)
    last = await listen(port, listeners)
  if (last.kind === 'listening') writeFileSync(file, `${last.port}\n`, { mode: 0o600 })
  return last
}

function keptPort(file: string): number | undefined {
  try {
    const port = Number(readFileSync(file, 'utf8'))
    return Number.isInteger(port) && port > 0 && port < 65536 ? port : undefined
  } catch {
    // no port was kept yet
    return undefined
  }
}

function whyNotListening(listening: Exclude<Listening, { kind: 'listening' }>, asked: boolean): string {
  if (listening.kind === 'failed') return `Tollkeeper could not listen: ${listening.why}.`
  const remedy = asked ? 'Choose another one' : 'End that program, or move Tollkeeper for good'
  return `Port ${listening.port} is used by another program. ${remedy} with --port N (0 takes any free one).`
}

function logCall(log: Log, event: import('../shared/contract/event.ts').Event): void {
  if (event.type !== 'attempt.ended') return
  const tokens = event.usage && {
    in: event.usage.input,
    cacheRead: event.usage.cacheRead,
    cacheWrite: event.usage.cacheWrite5m + event.usage.cacheWrite1h,
    out: event.usage.output,
  }
  log.info('Call', {
    id: event.call,
    provider: event.provider,
    model: event.model,
    client: event.client,
    outcome: event.outcome,
    status: event.status,
    tokens,
    ...(event.usageSource === 'estimated' && { estimated: true }),
    costUsd: event.cost === null ? null : event.cost / 1e9,
    billing: event.billing,
    ms: Math.round(event.latencyMs),
    ...(event.error !== null && { error: event.error }),
  })
}

function sameText(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)]
  return one.length === other.length && timingSafeEqual(one, other)
}
