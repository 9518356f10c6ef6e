/** For the tests of this folder: homes in temporary folders, books on them, and events as the proxy records them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ulid } from 'ulid'
import type { AttemptEnded, AttemptStarted, Event } from '../../shared/contract/event.ts'
import type { Log, Warn } from '../../shared/contract/log.ts'
import { noUsage } from '../../shared/contract/usage.ts'
import { type Book, type BookOptions, openBook } from './book.ts'
import { compactHome } from './compaction.ts'
import type { Compactor } from './compactor.ts'
import { type Disk, realDisk } from './disk.ts'
import { gatherMarks } from './known-calls.ts'
import type { Retention } from './retention.ts'

export type TestWarn = Warn & { standing: Map<string, string>; raised: string[] }

/** `standing`: by `code subject`, the text. `raised`: every code that was ever raised. */
export function openTestWarn(): TestWarn {
  const standing = new Map<string, string>()
  const raised: string[] = []
  return {
    standing,
    raised,
    raise(code, subject, text) {
      standing.set(`${code} ${subject}`, text)
      raised.push(code)
    },
    clear: (code, subject) => void standing.delete(`${code} ${subject}`),
  }
}

export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** The worker's work in this thread; the worker itself has its own test. */
export const inlineCompactorOn = (disk: Disk): Compactor => ({
  // what fails ends a worker; the compactor then says why
  run: (order) => compactHome(order, disk).catch((error: unknown) => ({ kind: 'refused', why: String(error) })),
  gather: (order) => gatherMarks(order, disk).catch((error: unknown) => ({ kind: 'refused', why: String(error) })),
  close: () => Promise.resolve(),
})
export const inlineCompactor = inlineCompactorOn(realDisk)

/** Retention by days alone. */
export const keptFor = (days: number): Retention => ({ days, bytes: Infinity })

export type TestBook = Book & { warn: TestWarn }
export type TestHome = {
  path: string
  /** As a start after the last book ended, however it ended. */
  open(options?: Partial<BookOptions>): Promise<TestBook>
  remove(): Promise<void>
}

export async function makeHome(): Promise<TestHome> {
  const path = await mkdtemp(join(tmpdir(), 'home-'))
  const books: Book[] = []
  let epoch = 0
  return {
    path,
    async open(options = {}) {
      const warn = openTestWarn()
      const usual = {
        flushEvents: 50,
        flushSeconds: 60,
        compactEvents: 1e9,
        compactMinutes: 1e4,
        retention: keptFor(90),
      }
      const given = { home: path, timeZone: 'UTC', epoch: ++epoch, log: silentLog, now: Date.now, warn }
      const book = await openBook({
        ...usual,
        ...given,
        compactor: inlineCompactorOn(options.disk ?? realDisk),
        ...options,
      })
      books.push(book)
      return { ...book, warn }
    },
    async remove() {
      for (const book of books) await book.close()
      await rm(path, { recursive: true, force: true })
    },
  }
}

const dimensions = {
  dialect: 'openai-chat',
  endpoint: '/v1/chat/completions',
  stream: false,
  strategy: 'direct',
  provider: 'openai',
  account: 'a1',
  model: 'gpt-5',
  chain: null,
  client: 'test',
  task: 'chat',
  folder: null,
  user: null,
  feature: null,
  session: null,
  billing: 'metered',
} as const

export function callId(at = Date.now()): string {
  return `req_${ulid(at)}`
}

export function started(call = callId()): AttemptStarted {
  return { type: 'attempt.started', call, attempt: `${call}.1`, ...dimensions, estimate: { input: 70, output: 30 } }
}

export function ended(call = callId(), more: Partial<AttemptEnded> = {}): AttemptEnded {
  return {
    type: 'attempt.ended',
    call,
    attempt: `${call}.1`,
    ...dimensions,
    last: true,
    attempts: 1,
    startedAt: 0,
    status: 200,
    outcome: 'ok',
    usage: { ...noUsage, input: 10, output: 5 },
    usageSource: 'reported',
    cost: 1000,
    billed: 1000,
    price: null,
    latencyMs: 12,
    ttftMs: 3,
    overheadMs: 1,
    error: null,
    upstreamId: null,
    ...more,
  }
}

/** `count` calls that were started and ended, all of whose lines are written by then. */
export function recordCalls(book: Book, count: number): Event[] {
  const events: Event[] = []
  for (let i = 0; i < count; i++) {
    const call = callId()
    events.push(started(call), ended(call))
  }
  for (const e of events) book.record(e)
  book.settle()
  return events
}
