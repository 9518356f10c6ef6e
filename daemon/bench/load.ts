/** The client of the measurements, in a process of its own: as many calls as fit in a given time, each one timed. */
import { Pool } from 'undici'

/** What is asked for: one answer, a stream as fast as it goes, or one at a quick model's pace. */
export type Kind = 'answer' | 'stream' | 'paced stream'
export type Job = { port: number; path: string; kind: Kind; connections: number; forMs: number; warmUp: number }
/** Milliseconds at the median, to the first body byte and to the end; `perSecond` are whole calls. */
export type Measured = { firstByteMs: number; totalMs: number; perSecond: number; calls: number; failed: number }

/** 4 KB in all, as a short conversation is. */
function bodyOf(kind: Kind): Buffer {
  const start = {
    model: 'gpt-4o-mini',
    stream: kind !== 'answer',
    user: kind,
    messages: [{ role: 'user', content: '' }],
  }
  const room = 4096 - JSON.stringify(start).length
  return Buffer.from(
    JSON.stringify({ ...start, messages: [{ role: 'user', content: 'lorem ip '.repeat(room).slice(0, room) }] }),
  )
}

export async function runJob(job: Job): Promise<Measured> {
  const pool = new Pool(`http://127.0.0.1:${job.port}`, { connections: job.connections, pipelining: 1 })
  const body = bodyOf(job.kind)
  const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-bench-not-a-real-key' }
  let failed = 0

  const call = () =>
    new Promise<{ first: number; total: number }>((resolve) => {
      const begun = performance.now()
      let first = 0
      const ended = (ok: boolean) => {
        if (!ok) failed++
        const total = performance.now() - begun
        resolve({ first: first === 0 ? total : first, total })
      }
      let status = 0
      pool.dispatch(
        { path: job.path, method: 'POST', headers, body },
        {
          onRequestStart: () => {},
          onResponseStart: (_controller, code) => {
            status = code
          },
          onResponseData: () => {
            if (first === 0) first = performance.now() - begun
          },
          onResponseEnd: () => ended(status === 200),
          onResponseError: () => ended(false),
        },
      )
    })

  for (let i = 0; i < job.warmUp; i += job.connections) await Promise.all(Array.from({ length: job.connections }, call))

  failed = 0
  const firsts: number[] = []
  const totals: number[] = []
  const begun = performance.now()
  const until = begun + job.forMs
  const oneAfterAnother = async () => {
    while (performance.now() < until) {
      const { first, total } = await call()
      firsts.push(first)
      totals.push(total)
    }
  }
  await Promise.all(Array.from({ length: job.connections }, oneAfterAnother))
  const seconds = (performance.now() - begun) / 1000
  await pool.destroy()
  const calls = totals.length
  return { firstByteMs: median(firsts), totalMs: median(totals), perSecond: calls / seconds, calls, failed }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}
