/** Writes a home as two years of work would leave it: 30 models, 8 clients, 50 folders, all through the real book. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import type { AttemptEnded } from '../../shared/contract/event.ts'
import type { Log } from '../../shared/contract/log.ts'
import { openIds } from '../ids.ts'
import { type Book, openBook } from '../store/book.ts'

const days = 730
const callsATurn = 64
const quiet: Log = { debug: () => {}, info: () => {}, warn: console.error, error: console.error }

export type Written = {
  seconds: number
  /** Of each compaction, and the longest that the loop was not free meanwhile. */
  compactions: { seconds: number; loopMs: number }[]
}

/** Compacts ten times on the way, as a daemon does, and once more often at the end so that all is sealed. */
export async function writeHistory(home: string, calls: number): Promise<Written> {
  const began = performance.now()
  const start = Date.now() - days * 86_400_000
  let at = start
  const warn = { raise: (code: string, _: string, text: string) => console.error(code, text), clear: () => {} }
  const book = await openBook({
    home,
    timeZone: 'UTC',
    epoch: 1,
    flushEvents: 50,
    flushSeconds: 1,
    compactEvents: 1e12,
    compactMinutes: 30_000,
    retention: { days: days * 2, bytes: Infinity },
    warn,
    log: quiet,
    now: () => at,
  })
  const random = chance(20261127)
  const nextId = openIds((bytes) => {
    for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(random() * 256)
  })
  const written: Written = { seconds: 0, compactions: [] }
  const step = Math.max(1, Math.floor(calls / 10))
  for (let call = 1; call <= calls; call++) {
    at = start + Math.floor((call / calls) * days * 86_400_000)
    recordCall(book, `req_${nextId(at)}`, at, random)
    if (call % callsATurn === 0) await turn()
    if (call % step === 0) written.compactions.push(await compacted(book))
  }
  for (let i = 0; i < 2; i++) written.compactions.push(await compacted(book))
  await book.close()
  return { ...written, seconds: (performance.now() - began) / 1000 }
}

async function compacted(book: Book): Promise<{ seconds: number; loopMs: number }> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const began = performance.now()
  delay.enable()
  await book.compact()
  delay.disable()
  return { seconds: (performance.now() - began) / 1000, loopMs: delay.max / 1e6 }
}

const many = (what: string, count: number) => Array.from({ length: count }, (_, i) => `${what}-${i + 1}`)
const models = many('a-model', 30)
const clients = many('client', 8)
const folders = many('folder', 50)
const providers = ['anthropic', 'openai', 'gemini', 'openrouter']

function recordCall(book: Book, call: string, startedAt: number, random: () => number): void {
  // people work with a few models, in a few folders, most of the time
  const pick = <T>(of: readonly T[]) => of[Math.floor(random() ** 3 * of.length)] as T
  const model = pick(models)
  const dimensions = {
    call,
    attempt: `${call}.1`,
    dialect: 'anthropic',
    endpoint: '/v1/messages',
    stream: true,
    strategy: 'direct',
    provider: pick(providers),
    account: 'a1b2c3d4e5f6',
    model,
    chain: null,
    client: pick(clients),
    task: 'generation',
    folder: pick(folders),
    user: null,
    feature: 'chat',
    session: `${call.slice(4, 12)}-session`,
    billing: 'metered',
  } as const
  const size = () => Math.floor(random() * 20_000)
  const usage = {
    input: size(),
    cacheRead: size(),
    cacheWrite5m: size(),
    cacheWrite1h: 0,
    output: size(),
    reasoning: 0,
  }
  const cost = size() * 1000
  book.record({ type: 'attempt.started', ...dimensions, estimate: { input: size(), output: 0 } })
  const ended: AttemptEnded = {
    type: 'attempt.ended',
    ...dimensions,
    last: true,
    attempts: 1,
    startedAt,
    status: 200,
    outcome: 'ok',
    usage,
    usageSource: 'reported',
    cost,
    billed: cost,
    price: { source: 'catalogue', version: 'genai-prices 0.1.8' },
    latencyMs: size() / 10,
    ttftMs: size() / 100,
    overheadMs: 0.4,
    error: null,
    upstreamId: `req_011C${call.slice(10)}`,
  }
  book.record(ended)
}

/** From 0 to 1, the same for the same seed: mulberry32 (T. Ettinger, public domain). */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
