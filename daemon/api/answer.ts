/** Writes what a row's function answers: JSON, bytes, pieces as they come, a problem, or that nothing has changed. */
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type express from 'express'
import { errorStatus } from '../../shared/contract/error.ts'
import type { Log } from '../../shared/contract/log.ts'
import type { Answer, Pieces } from './handlers.ts'
import { errorBodyOf, type Problem } from './problem.ts'

export function requestIdOf(res: express.Response): string {
  return String(res.locals.requestId)
}

export function writeHeaders(res: express.Response, headers: Record<string, string> | undefined): void {
  for (const [name, value] of Object.entries(headers ?? {})) res.setHeader(name, value)
}

export function writeProblem(res: express.Response, p: Problem, now: number): void {
  if (p.problem === 'no_credential' || p.problem === 'bad_key') res.setHeader('www-authenticate', 'Bearer')
  if (p.retryAfter !== undefined) res.setHeader('retry-after', String(p.retryAfter))
  res.status(errorStatus[p.problem]).json(errorBodyOf(p, requestIdOf(res), now))
}

export function writeAnswer(res: express.Response, answer: Exclude<Answer<unknown>, Pieces>, now: number): void {
  if ('problem' in answer) return writeProblem(res, answer, now)
  writeHeaders(res, answer.headers)
  if (isKnown(res, answer.headers?.etag)) return void res.status(304).end()
  if ('bytes' in answer) {
    res.setHeader('content-type', answer.type)
    res.end(answer.bytes)
    return
  }
  res.status(answer.status ?? 200).json(answer.value)
}

/**
 * As fast as it is read. Once a piece is out, only a cut connection says that what follows cannot be had; cut off is also a reader
 * that takes nothing of what waits for `stallMs`.
 */
export async function writePieces(
  res: express.Response,
  { pieces, type, headers }: Pieces,
  { log, stallMs = 60_000 }: { log: Log; stallMs?: number },
): Promise<void> {
  writeHeaders(res, headers)
  res.setHeader('content-type', type)
  if (res.req.method === 'HEAD') return void res.end()
  // Node begins anew with each byte that the socket takes
  res.setTimeout(stallMs, () => {
    // where nothing waits for the reader, it is the reader who waits
    if (res.writableLength === 0) return
    log.warn('A reader of an answer was cut off, as it took nothing more', { id: requestIdOf(res), stallMs })
    res.destroy()
  })
  // an answer that waits behind another one on its connection is not told by Node that this was cut
  const left = new AbortController()
  const leave = () => left.abort()
  const { socket } = res.req
  if (socket.destroyed) leave()
  socket.once('close', leave)
  try {
    await pipeline(Readable.from(pieces), res, { signal: left.signal })
  } catch (error) {
    // who asked has left: nothing is wrong here
    const isGone = error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'
    if (!isGone && !left.signal.aborted) log.error('An answer broke off', { id: requestIdOf(res), error })
    res.destroy()
  } finally {
    socket.off('close', leave)
  }
}

/** For the header `etag` of an answer: another one as soon as anything in it is different. */
export function etagOf(value: unknown): string {
  return `"${createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22)}"`
}

/** Whether who asks holds just this already (RFC 9110 section 13.1.2: the weak mark does not count). */
function isKnown(res: express.Response, etag: string | undefined): boolean {
  const { method, headers } = res.req
  const held = headers['if-none-match']
  if (etag === undefined || held === undefined || (method !== 'GET' && method !== 'HEAD')) return false
  const bare = (tag: string) => tag.trim().replace(/^W\//, '')
  return held.split(',').some((tag) => bare(tag) === '*' || bare(tag) === bare(etag))
}
