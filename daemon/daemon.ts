/** THE wiring: creates everything, hands each part what it needs, and takes it down again in order. */
import { randomFillSync } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { scrubber, withoutValue } from '../shared/scrub.ts'
import { openAlerts } from './alerts.ts'
import { openApi } from './api/mount.ts'
import { logCall } from './call-log.ts'
import { dialects } from './dialects/index.ts'
import { newLocalToken, removeDiscovery } from './discovery.ts'
import { openFeed } from './feed/feed.ts'
import { limitsIn } from './feed/messages.ts'
import { holdersOf } from './holders.ts'
import { openIds } from './ids.ts'
import { openImporting } from './importing.ts'
import { countedLimitOf } from './ledger/views/limits.ts'
import { sentToday } from './ledger/views/sent-today.ts'
import { standingOf } from './ledger/views/standing.ts'
import { summaryOf } from './ledger/views/summary.ts'
import { openMetrics } from './metrics/metrics.ts'
import { offeredModels, sellsModel } from './offered-models.ts'
import { openHome } from './opened-home.ts'
import { openOwnFigures } from './own-figures.ts'
import { listenAsWanted, whyNotListening } from './port.ts'
import { liftedBy } from './provider-changes.ts'
import { readQuotaIn } from './providers/quota-bodies.ts'
import { readQuota } from './providers/quota-headers.ts'
import { sandboxProvider } from './providers/sandbox.ts'
import { openAccounts } from './proxy/account.ts'
import { openInFlight } from './proxy/inflight.ts'
import { safeName } from './proxy/names.ts'
import { openProviderLimits } from './proxy/provider-limits.ts'
import { openProxy } from './proxy/proxy.ts'
import { tellReady } from './ready.ts'
import { openRecorder, openWritten } from './recording.ts'
import { alreadyRunning } from './running.ts'
import { openSandbox } from './sandbox/sandbox.ts'
import type { Started, StartOptions } from './started.ts'
import { openStopping } from './stopping.ts'
import { isOfDisk, whyUnusable } from './store/home-lock.ts'
import { takeKnownHome } from './store/known-home.ts'
import { openSurroundings } from './surroundings.ts'
import { openUpstream } from './upstream/send.ts'
import { version } from './version.ts'

export async function startDaemon(options: StartOptions): Promise<Started> {
  const { home, log } = options
  const now = options.now ?? Date.now
  const clock = () => performance.now()
  const lock = await takeKnownHome(home)
  if (lock.kind === 'unusable') return { kind: 'unusable', why: lock.why }
  if (lock.kind === 'held') return alreadyRunning(home, lock.by.pid)

  const taken = lock
  const closers: (() => Promise<void> | void)[] = [() => taken.release()]
  const undo = async () => {
    for (const step of closers.reverse()) await step()
  }
  try {
    return await wire()
  } catch (error) {
    await undo()
    if (isOfDisk(error)) return { kind: 'unusable', why: whyUnusable(home, error) }
    throw error
  }

  async function wire(): Promise<Started> {
    const sandbox = options.sandbox ? await openSandbox({ now }) : null
    closers.push(() => sandbox?.close())
    const { warnings, inUse, prices, book, keys, tokens } = await openHome({
      home,
      epoch: taken.epoch,
      env: options.env,
      log,
      now,
      closers,
      added: sandbox ? [sandboxProvider(sandbox.url, sandbox.models)] : [],
    })
    const nextId = openIds((bytes) => randomFillSync(bytes))
    const instanceId = nextId(now())
    const token = newLocalToken()
    const holderOf = holdersOf(keys, tokens, token)
    const clean = scrubber(inUse.lent)
    const { fingerprint } = keys
    const alerts = openAlerts({ book, inUse, fingerprint, warnings, clean, now })
    closers.push(alerts.close)
    const newRequestId = () => `req_${nextId(now())}`
    const upstream = openUpstream(() => inUse.now().network)
    closers.push(() => upstream.close())
    const inFlight = openInFlight()
    const limits = openProviderLimits({
      clock,
      now,
      sentToday: (provider) => sentToday(book.ledger, provider, now()),
    })
    const countedLimits = () => limits.counted(inUse.now().providers.values())
    const importing = openImporting({ book, inUse: inUse.now, newRequestId, now, log })
    closers.push(() => importing.close())
    let port = 0
    let ownOrigins: string[] = []
    const { isStopping, stopped, stop } = openStopping(takeDown, inFlight.cutAll)

    const about = () => ({
      instanceId,
      version,
      url: `http://127.0.0.1:${port}`,
      inFlight: inFlight.count(),
      warnings: warnings.list(),
      counted: countedLimits(),
      history: book.reach(),
    })
    const env = options.env ?? process.env
    const { gpu, ...near } = openSurroundings({ home, inUse, book, env, log, now, clock, closers })
    const gauges = () => own.figures().map((one) => ({ ...one, name: `tollkeeper_${one.name}` }))
    const metrics = openMetrics({ book, countedLimits, warnings, inFlight, gpu, gauges, version, now })
    const api = openApi({
      ledger: () => book.ledger,
      record: book.record,
      entriesOf: book.entriesOf,
      history: book,
      reach: book.reach,
      webhookOrigin: alerts.originOf,
      daysOfMonth: book.daysOfMonth,
      keys,
      tokens,
      holderOf,
      token,
      instanceId,
      version,
      port: () => port,
      now,
      inFlight: inFlight.count,
      countedLimits,
      metrics,
      warnings: warnings.list,
      isStopping,
      stop: (graceSeconds) => void stop(graceSeconds),
      dashboardDir: fileURLToPath(new URL('../dashboard/', import.meta.url)),
      providers: () => inUse.now().providers.values(),
      gpu,
      ...near,
      sells: (provider, model) => sellsModel(inUse.now().catalogue, provider, model, now()),
      config: inUse,
      prices: { updatedAt: prices.updatedAt, update: () => prices.update(inUse.now()) },
      importCalls: importing.take,
      safeName,
      settings: () => inUse.now().settings,
      log,
    })
    const feed = openFeed({
      listenerOf: api.listenerOf,
      watchRevoked: tokens.watchRevoked,
      watchEntries: book.watch,
      watchWarnings: warnings.watch,
      warnings: warnings.list,
      summary: () => summaryOf(book.ledger, now(), about()),
      standing: () => standingOf(book.ledger, now(), inFlight.count()),
      limits: limitsIn(book.ledger, now),
      alertOf: alerts.alertOf,
      watchCounted: limits.watch,
      countedLimit: (provider) => countedLimitOf(book.ledger, countedLimits(), provider),
      instanceId,
      version,
      now,
      log,
    })
    const proxy = openProxy({
      dialects,
      providers: () => inUse.now().providers,
      routing: () => inUse.now().routing,
      sells: (provider, model) => sellsModel(inUse.now().catalogue, provider, model, now()),
      holderOf,
      rules: () => ({ port, ...inUse.now().settings.access }),
      bodyLimits: () => inUse.now().settings.bodyLimits,
      newRequestId,
      rowOf: api.rowOf,
      rest: api.handler,
      feed: feed.upgrade,
      isStopping,
      record: openRecorder({ book, isRecording: () => inUse.now().settings.recording, now }),
      written: openWritten({ book, underWay: inFlight.count }),
      settle: book.settle,
      prices: () => inUse.now().priceOf,
      accounts: openAccounts(fingerprint),
      scrub: (text, own) => clean(own === null ? text : withoutValue(text, own)),
      warn: warnings,
      log,
      now,
      clock,
      upstream,
      inFlight,
      limits,
      readQuota,
      readQuotaIn,
      ledger: () => book.ledger,
      isRecording: () => inUse.now().settings.recording,
      budgetRefusalStatus: () => inUse.now().settings.budgetRefusalStatus,
      bounds: options.bounds,
      isOurs: (origin) => ownOrigins.includes(origin),
      modelsOf: (provider) => offeredModels(inUse.now().catalogue, provider),
      stallMs: inUse.now().settings.bodyLimits.stallMs,
    })
    book.watch((entry) => logCall(log, entry.e))
    const own = openOwnFigures({ home, book, proxy, limits, feed, alerts, warnings, log })
    closers.push(own.close)
    inUse.watch((before, after) => {
      for (const lifted of liftedBy(before.providers, after.providers, book.ledger.cooldowns)) book.record(lifted)
    })

    const listening = await listenAsWanted(home, options.port, {
      request: proxy.handle,
      upgrade: proxy.upgrade,
      unreadable: proxy.unreadable,
    })
    if (listening.kind !== 'listening') {
      await undo()
      return { kind: 'unusable', why: whyNotListening(listening, options.port !== undefined) }
    }
    port = listening.port
    ownOrigins = ['127.0.0.1', 'localhost', '[::1]'].map((name) => `http://${name}:${port}`)
    closers.push(() => listening.close())
    const url = await tellReady({ home, port, token, instanceId, version, inUse, log, now })
    closers.push(() => removeDiscovery(home, instanceId))
    return { kind: 'started', url, port, instanceId, token, book, stopped, close: stop }

    async function takeDown(graceSeconds: number): Promise<void> {
      feed.close()
      if (listening.kind === 'listening') listening.closeIdle()
      await inFlight.drain(graceSeconds * 1000)
      await undo()
      log.info('Database closed', { dbPath: home })
    }
  }
}
