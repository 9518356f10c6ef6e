/** Writes a home as two years of work would leave it, all through the real book. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setImmediate as turn } from 'node:timers/promises'
import type { Log } from '../../shared/contract/log.ts'
import { openIds } from '../ids.ts'
import { type Book, openBook } from '../store/book.ts'
import { chance, type Mix, openMix } from './mix.ts'

const days = 730
const callsATurn = 64
const callsACompaction = 20_000
const quiet: Log = { debug: () => {}, info: () => {}, warn: console.error, error: console.error }

export type Written = {
  seconds: number
  /** The last event's. */
  numbers: number
  /** Of each compaction, and the longest that the loop was not free meanwhile. */
  compactions: { seconds: number; loopMs: number }[]
}

/** Compacts ten times on the way or more often, as a daemon does: the last two leave plain segments. */
export async function writeHistory(home: string, calls: number, mix: Mix): Promise<Written> {
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
  const next = openMix(mix, random)
  const written: Written = { seconds: 0, numbers: 0, compactions: [] }
  const step = Math.max(1, Math.min(callsACompaction, Math.floor(calls / 10)))
  for (let call = 1; call <= calls; call++) {
    at = start + Math.floor((call / calls) * days * 86_400_000)
    const { started, quota, ended } = next(`req_${nextId(at)}`, at)
    book.record(started)
    if (quota) book.record(quota)
    book.record(ended)
    if (call % callsATurn === 0) await turn()
    if (call % step === 0) written.compactions.push(await compacted(book))
  }
  await book.close()
  return { ...written, numbers: book.figures().last, seconds: (performance.now() - began) / 1000 }
}

async function compacted(book: Book): Promise<{ seconds: number; loopMs: number }> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const began = performance.now()
  delay.enable()
  await book.compact()
  delay.disable()
  return { seconds: (performance.now() - began) / 1000, loopMs: delay.max / 1e6 }
}
