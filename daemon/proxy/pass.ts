/** Passes a reply to the client byte for byte while the tap reads a copy; streaming and not part only here. */
import type { ServerResponse } from 'node:http'
import type { ReplyReading } from '../dialects/dialect.ts'
import { headersDown } from '../upstream/headers.ts'
import type { UpstreamFailure, UpstreamReply } from '../upstream/send.ts'
import type { Attempt, Ending } from './attempt.ts'
import type { Tap } from './tap.ts'

export type Passing = {
  reply: UpstreamReply
  response: ServerResponse
  tap: Tap
  /** null: what is passed is not counted (token counts). */
  attempt: Attempt | null
  /** The usage-only chunk may be taken out: then the length that was announced does not hold. */
  mayShorten: boolean
  /** Server-sent events; anything else is one answer. */
  streams: boolean
  /** Our own reply headers: name, value, name, value … */
  ownHeaders: string[]
  /** Stops the upstream. */
  abort(): void
  /** The reply could not be had whole and nothing has been sent yet. */
  failed(why: UpstreamFailure): void
}

/** An answer that is no stream is held until it is whole, so that a truncated one can still become a clear error. */
export type HoldLimits = { bytes: number; ms: number }
export const defaultHold: HoldLimits = { bytes: 4 * 2 ** 20, ms: 15_000 }

const cutShort: UpstreamFailure = {
  kind: 'failure',
  reason: 'reset',
  detail: 'the connection closed in the middle of the answer',
}

/** Resolves when the exchange is over, whatever became of it. */
export function pass(passing: Passing, hold: HoldLimits = defaultHold): Promise<void> {
  const { reply, response, tap, attempt, streams } = passing
  let held: Buffer[] | null = streams ? null : []
  let heldBytes = 0
  let finished = false
  let written = false

  return new Promise((resolve) => {
    let holdTimer: NodeJS.Timeout | undefined
    if (streams) writeHead(null)
    reply.drainTo({
      data: (chunk) => {
        attempt?.byte()
        if (held && !takesMore(held, chunk)) letGo()
        if (!held) tap.take(chunk, passOn)
      },
      end: () => (held ? collected(held) : tap.end((rest) => (isCut() ? broken(rest, cutShort) : close(rest)))),
      broken: (why) => (held ? unsent(why) : tap.end((rest) => broken(rest, why))),
    })
    // a short answer came whole with its head: then there is nothing left to wait for
    if (!finished) wait()

    function wait(): void {
      // a head must not wait for the first byte of its body
      if (held) {
        holdTimer = setTimeout(() => {
          letGo()
          flush()
        }, hold.ms)
      } else if (streams) flush()
      // the client may have left while the head was on its way
      if (response.destroyed) return gone()
      response.once('close', gone)
      // one listener for the whole exchange: a paused upstream goes on when the client has taken what was written
      response.on('drain', reply.resume)
    }

    function gone(): void {
      if (!finished) {
        over('aborted', null)
        finished = true
        passing.abort()
      }
      done()
    }

    function passOn(bytes: readonly Uint8Array[], terminal: boolean): void {
      // the line stands on disk before the client sees the answer complete
      if (terminal) over('ok', null)
      write(bytes)
    }

    function takesMore(chunks: Buffer[], chunk: Buffer): boolean {
      // some providers keep a slow answer alive with blanks before the JSON: those must pass
      const blank = chunks.length === 0 && /^\s/.test(chunk.toString('latin1', 0, 1))
      if (blank || heldBytes + chunk.length > hold.bytes) return false
      chunks.push(chunk)
      heldBytes += chunk.length
      return true
    }

    /** The bound of holding is reached: head and bytes go, and from here on it is passed as it comes. */
    function letGo(): void {
      if (!held || finished) return
      const chunks = held
      held = null
      clearTimeout(holdTimer)
      writeHead(null)
      for (const chunk of chunks) tap.take(chunk, passOn)
    }

    function collected(chunks: Buffer[]): void {
      clearTimeout(holdTimer)
      held = null
      const bodies: Uint8Array[] = []
      for (const chunk of chunks) tap.take(chunk, (bytes) => bodies.push(...bytes))
      if (isCut()) return unsent(cutShort)
      tap.end((rest) => {
        writeHead(over('ok', null))
        finish([...bodies, ...rest])
      })
    }

    function close(rest: readonly Uint8Array[]): void {
      over('ok', null)
      finish(rest)
    }

    function unsent(why: UpstreamFailure): void {
      clearTimeout(holdTimer)
      held = null
      tap.end(() => {
        over('truncated', why.detail)
        finished = true
        passing.failed(why)
        done()
      })
    }

    /** The upstream died in the middle: the client's stream breaks too, after what came has been handed over. */
    function broken(rest: readonly Uint8Array[], why: UpstreamFailure): void {
      over('truncated', why.detail)
      write(rest)
      finished = true
      const socket = response.socket
      // behind an earlier answer on the same connection (pipelining), it breaks as soon as its turn comes
      if (socket === null) response.destroy()
      // HTTP/1.0 knows no end but the connection's: only a reset tells it from a whole answer
      else if (response.req.httpVersion === '1.0') socket.resetAndDestroy()
      else socket.destroySoon()
    }

    function finish(bytes: readonly Uint8Array[]): void {
      if (finished) return done()
      write(bytes.slice(0, -1))
      finished = true
      const last = bytes.at(-1)
      if (last === undefined) response.end()
      else response.end(last)
      done()
    }

    function done(): void {
      clearTimeout(holdTimer)
      resolve()
    }

    /** Writes the attempt's end down, once. `ok` is what the transport says; the reading may know better. */
    function over(transport: 'ok' | 'aborted' | 'truncated', error: string | null): number | null {
      return attempt?.end(endingOf(transport, error, tap.reading())) ?? null
    }

    function endingOf(transport: 'ok' | 'aborted' | 'truncated', error: string | null, reading: ReplyReading): Ending {
      const status = reply.status
      const known = { status, reading, estimateOutput: () => tap.estimateOutput() }
      if (reading.error || status >= 300) {
        return {
          ...known,
          outcome: 'refused',
          error: reading.error ? `${reading.error.code}: ${reading.error.message}` : (error ?? `HTTP ${status}`),
        }
      }
      if (transport !== 'ok') return { ...known, outcome: transport, error }
      const half = streams && !reading.complete
      return {
        ...known,
        outcome: half ? 'truncated' : 'ok',
        error: half ? 'the stream ended before its last event' : null,
      }
    }

    function writeHead(cost: number | null): void {
      const headers = headersDown(reply.rawHeaders, !passing.mayShorten)
      headers.push(...passing.ownHeaders)
      if (cost !== null) headers.push('x-tollkeeper-cost-usd', (cost / 1e9).toFixed(9))
      try {
        response.writeHead(reply.status, reply.statusText, headers)
      } catch (error) {
        // a status or header that HTTP does not allow (RFC 9110 section 5.5)
        const detail = error instanceof Error ? error.message : String(error)
        attempt?.end({ outcome: 'failed', status: reply.status, reading: null, estimateOutput: null, error: detail })
        finished = true
        passing.abort()
        passing.failed({ kind: 'failure', reason: 'bad-reply', detail })
        done()
      }
    }

    /** One answer without a length and not in chunks: only its JSON tells all of it from half (RFC 9112 section 6.3). */
    function isCut(): boolean {
      if (streams || reply.header('content-length') !== undefined || reply.header('transfer-encoding') !== undefined)
        return false
      const plain = reply.header('content-encoding') === undefined
      return plain && /\bjson\b/i.test(reply.header('content-type') ?? '') && !tap.reading().complete
    }

    function flush(): void {
      if (!written && !finished && response.headersSent) response.flushHeaders()
    }

    function write(bytes: readonly Uint8Array[]): void {
      if (finished) return
      for (const part of bytes) {
        if (part.length === 0) continue
        if (!response.write(part)) reply.pause()
        // Node gathers what is written in one turn: the first words must not wait for a burst that came with them
        if (!written && streams) response.socket?.uncork()
        written = true
      }
    }
  })
}
