/** For tests: the API on a real port with a real ledger and real keys, and a way to ask it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DaemonFigures } from '../../shared/contract/endpoints/metrics.ts'
import type { Entry, Event } from '../../shared/contract/event.ts'
import type { MachineFigures } from '../../shared/contract/machine.ts'
import type { Warning } from '../../shared/contract/warning.ts'
import type { ApiDeps } from '../api/handlers.ts'
import { openApi } from '../api/mount.ts'
import { keepBudgets } from '../budget-changes.ts'
import { openConfigInUse } from '../config-in-use.ts'
import { holdersOf } from '../holders.ts'
import { emptyLedger, fold } from '../ledger/ledger.ts'
import { openLog } from '../log.ts'
import { sellsModel } from '../offered-models.ts'
import { safeName } from '../proxy/names.ts'
import { openKeys } from '../store/keys-file.ts'
import { openProviderKeys } from '../store/provider-keys.ts'
import { openSecrets } from '../store/secrets-file.ts'
import { openTokens } from '../store/tokens.ts'
import { openWarnings } from '../warnings.ts'

export const localToken = `tk_local_${'a'.repeat(43)}`

const noFigures = {
  ...{ backlog: 0, unsynced: 0, lastFsyncAt: null, foldedAway: 0, last: 0 },
  ...{ segments: 0, lines: 0, bytes: 0, snapshot: 0 },
}

const noDaemonFigures: DaemonFigures = {
  ...{ timestamp: '2026-03-10T12:00:00.000Z', since: '2026-03-10T11:00:00.000Z', simulated: false },
  figures: { feed_clients: 2 },
  overhead: { attempts: 0, average_ms: null, p50_ms: null, p95_ms: null },
  refusals: { bad_key: 1 },
  journal: { backlog_lines: 0, unsynced_lines: 0, synced_at: null },
}

const unknownMachine: MachineFigures = {
  cpu: { cores: 1, usage_pct: null, load_average: null },
  memory: { total_gb: null, used_gb: null, available_gb: null, usage_pct: null },
  gpu: { available: false },
  disk: {
    ...{ total_gb: null, used_gb: null, available_gb: null, usage_pct: null },
    ...{ iops_read: null, iops_write: null },
  },
  network: { throughput_mbps_in: null, throughput_mbps_out: null, connections_active: null },
}

export type Told = { status: number; headers: IncomingMessage['headers']; text: string; json: unknown }
export type Asking = { method?: string; headers?: Record<string, string>; body?: unknown; text?: string | Buffer }

export async function startApi(more: Partial<ApiDeps> = {}) {
  const home = await mkdtemp(join(tmpdir(), 'api-'))
  const clock = { now: Date.parse('2026-03-10T12:00:00Z') }
  const ledger = emptyLedger('UTC')
  const entries: Entry[] = []
  const secrets = await openSecrets(home)
  const keys = openKeys({ secrets, now: () => clock.now })
  const tokens = openTokens({ secrets, keys, now: () => clock.now })
  const silent = openLog({ write: () => {}, level: 'silent' })
  const config = openConfigInUse({
    home,
    env: {},
    log: silent,
    warnings: openWarnings({ log: silent, now: () => clock.now }),
    keys: openProviderKeys({ secrets, now: () => clock.now }),
  })
  const warnings: Warning[] = []
  const stopped: number[] = []
  const logged: { message: string; fields: unknown }[] = []
  const log = (message: string, fields?: Record<string, unknown>) => void logged.push({ message, fields })
  const server = createServer()
  const port = () => (server.address() as AddressInfo).port
  const record = (e: Event): Entry => {
    const entry: Entry = { origin: 'home', n: entries.length + 1, t: clock.now, e }
    entries.push(entry)
    fold(ledger, entry)
    return entry
  }
  config.watch(() => keepBudgets(config.live, ledger.budgets, record))
  const api = openApi({
    ledger: () => ledger,
    record: (e) => record(e).n,
    entriesOf: (call) => Promise.resolve(entries.filter(({ e }) => 'call' in e && e.call === call)),
    history: {
      attempts: () => Promise.resolve({ attempts: [], next: null }),
      async *calls() {},
      compact: () => Promise.resolve(),
      figures: () => noFigures,
    },
    daysOfMonth: () => Promise.resolve(null),
    keys,
    tokens,
    holderOf: holdersOf(keys, tokens, localToken),
    token: localToken,
    instanceId: 'instance-1',
    version: '0.1.0',
    port,
    now: () => clock.now,
    inFlight: () => 0,
    isStopping: () => false,
    countedLimits: () => [],
    webhookOrigin: () => undefined,
    metrics: {
      text: ({ accept }) => ({ bytes: Buffer.from('# none\n'), type: accept ?? 'text/plain' }),
      ofDaemon: () => noDaemonFigures,
    },
    warnings: () => warnings,
    reach: () => ({ from: null, segments: 0, bytes: 0, dropped: 0 }),
    stop: (graceSeconds) => void stopped.push(graceSeconds),
    dashboardDir: join(process.cwd(), 'media', 'dashboard'),
    providers: () => [
      { id: 'openai', configured: true },
      { id: 'anthropic', configured: true },
      { id: 'groq', configured: false },
      { id: 'ollama', configured: false },
    ],
    serverOf: () => undefined,
    gpu: () => ({ available: false }),
    machine: () => Promise.resolve(unknownMachine),
    sells: (provider, model) => sellsModel(config.now().catalogue, provider, model, clock.now),
    safeName,
    settings: () => ({ remoteManagement: false, requestsPerMinute: 60 }),
    config,
    prices: { updatedAt: () => null, update: () => Promise.resolve({ refused: 'nothing is fetched here' }) },
    importCalls: () => Promise.resolve({ refused: 'no history is kept here' }),
    log: { debug: log, info: log, warn: log, error: log },
    failDelayMs: 0,
    ...more,
  })
  server.on('request', api.handler)
  // tells who asked and lets nobody in
  server.on('upgrade', (req, socket) => {
    void api.listenerOf(req).then((listener) => {
      const body = JSON.stringify(listener ? { ...listener, isLive: listener.isLive() } : null)
      const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close`
      socket.end(`${head}\r\n\r\n${body}`)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  const ask = (path: string, asking: Asking = {}): Promise<Told> =>
    new Promise((resolve, reject) => {
      const sent = asking.text ?? (asking.body === undefined ? undefined : JSON.stringify(asking.body))
      const type: Record<string, string> = asking.body === undefined ? {} : { 'content-type': 'application/json' }
      const method = asking.method ?? (sent === undefined ? 'GET' : 'POST')
      const req = request({ port: port(), host: '127.0.0.1', path, method, headers: { ...type, ...asking.headers } })
      req.on('error', reject)
      req.on('response', (res) => {
        const chunks: Buffer[] = []
        res.on('data', (chunk: Buffer) => chunks.push(chunk))
        res.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          const isJson = res.headers['content-type']?.startsWith('application/json') === true && text !== ''
          const json: unknown = isJson ? JSON.parse(text) : undefined
          resolve({ status: res.statusCode ?? 0, headers: res.headers, text, json })
        })
      })
      req.end(sent)
    })

  return {
    api,
    ask,
    as: (credential: string, path: string, asking: Asking = {}) =>
      ask(path, { ...asking, headers: { authorization: `Bearer ${credential}`, ...asking.headers } }),
    keys,
    warnings,
    stopped,
    logged,
    clock,
    port,
    ledger,
    record,
    config,
    home,
    async close() {
      config.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await rm(home, { recursive: true, force: true })
    },
  }
}
