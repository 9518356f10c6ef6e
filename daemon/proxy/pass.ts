/** Passes a reply to the client byte for byte while the tap reads a copy; streaming and not part only here. */
import type { UpstreamFailure } from '../upstream/send.ts'
import { breakOff, endingOf, isCut, type Transport } from './ending.ts'
import { passWhole } from './pass-whole.ts'
import { cutShort, endWith, type Passing, writeHead } from './passing.ts'

/** An answer that is no stream is held until it is whole, so that a truncated one can still become a clear error. */
export type HoldLimits = { bytes: number; ms: number }
const defaultHold: HoldLimits = { bytes: 4 * 2 ** 20, ms: 15_000 }
/** It was held as long as it may be. */
export const withoutHold: HoldLimits = { bytes: 0, ms: 0 }

/** Resolves when the exchange is over, whatever became of it. */
export function pass(passing: Passing, hold: HoldLimits = defaultHold): Promise<void> {
  const { reply, response, tap, attempt, streams } = passing
  const whole = streams ? null : reply.whole()
  if (whole) return passWhole(passing, whole)
  let held: Buffer[] | null = streams ? null : []
  let heldBytes = 0
  let gathered: Buffer[] = []
  let finished = false
  let begun = false
  let lineWritten: Promise<void> | undefined

  return new Promise((resolve, reject) => {
    let holdTimer: NodeJS.Timeout | undefined
    if (streams) sendHead(null)
    reply.drainTo({
      data: (chunk) => {
        if (held && !takesMore(held, chunk)) stopHolding()
        if (!held && gathered.push(chunk) === 1) queueMicrotask(passGathered)
      },
      end: () => {
        passGathered()
        attempt?.upstreamOver()
        if (held) collected(held)
        else tap.end((rest) => (isCut(passing) ? broken(rest, cutShort) : close(rest)))
      },
      broken: (why) => {
        passGathered()
        attempt?.upstreamOver()
        if (held) unsent(why)
        else tap.end((rest) => broken(rest, why))
      },
    })
    // a short answer came whole with its head: then there is nothing left to wait for
    if (!finished) wait()

    function wait(): void {
      // a head must not wait for the first byte of its body
      if (held) {
        holdTimer = setTimeout(() => {
          stopHolding()
          flush()
        }, hold.ms)
      } else if (streams) {
        passGathered()
        flush()
      }
      // the client may have left while the head was on its way
      if (response.destroyed) return gone()
      response.once('close', gone)
      // one listener for the whole exchange: a paused upstream goes on when the client has taken what was written
      response.on('drain', reply.resume)
    }

    /** What one read of the upstream's socket brought is read and sent on as one piece: a burst of small chunks costs as one. */
    function passGathered(): void {
      const [first] = gathered
      if (first === undefined) return
      const whole = gathered.length === 1 ? first : Buffer.concat(gathered)
      gathered = []
      attempt?.bytes()
      try {
        tap.take(whole, passOn)
      } catch (error) {
        passing.abort()
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    }

    function gone(): void {
      if (!finished) {
        attempt?.upstreamOver()
        over('aborted', null)
        finished = true
        passing.abort()
      }
      done()
    }

    function passOn(bytes: readonly Uint8Array[], terminal: boolean): void {
      if (terminal) over('ok', null)
      afterLine(() => write(bytes))
    }

    /** The line of its end stands in the journal before the client sees the answer complete; until there is one, at once. */
    function afterLine(step: () => void): void {
      if (lineWritten === undefined) return step()
      lineWritten = lineWritten.then(step)
      lineWritten.catch(reject)
    }

    function takesMore(chunks: Buffer[], chunk: Buffer): boolean {
      // some providers keep a slow answer alive with blanks before the JSON: those must pass
      const blank = chunks.length === 0 && /^\s/.test(chunk.toString('latin1', 0, 1))
      if (blank || heldBytes + chunk.length > hold.bytes) return false
      if (chunks.push(chunk) === 1) attempt?.bytes()
      heldBytes += chunk.length
      return true
    }

    /** The bound of holding is reached: head and bytes go, and from here on it is passed as it comes. */
    function stopHolding(): void {
      if (!held || finished) return
      const chunks = held
      held = null
      clearTimeout(holdTimer)
      sendHead(null)
      for (const chunk of chunks) tap.take(chunk, passOn)
    }

    function collected(chunks: Buffer[]): void {
      clearTimeout(holdTimer)
      held = null
      attempt?.bytes()
      const bodies: Uint8Array[] = []
      for (const chunk of chunks) tap.take(chunk, (bytes) => bodies.push(...bytes))
      if (isCut(passing)) return unsent(cutShort)
      tap.end((rest) => {
        const cost = over('ok', null)
        afterLine(() => {
          if (!finished) sendHead(cost)
          finish([...bodies, ...rest])
        })
      })
    }

    function close(rest: readonly Uint8Array[]): void {
      over('ok', null)
      afterLine(() => finish(rest))
    }

    function unsent(why: UpstreamFailure): void {
      clearTimeout(holdTimer)
      held = null
      tap.end(() => {
        over('truncated', why.detail)
        afterLine(() => {
          finished = true
          passing.failed(why)
          done()
        })
      })
    }

    /** The upstream died in the middle: the client's stream breaks too, after what came has been handed over. */
    function broken(rest: readonly Uint8Array[], why: UpstreamFailure): void {
      over('truncated', why.detail)
      afterLine(() => breakAfter(rest))
    }

    function breakAfter(rest: readonly Uint8Array[]): void {
      if (finished) return
      write(rest)
      finished = true
      breakOff(response)
    }

    function finish(bytes: readonly Uint8Array[]): void {
      if (finished) return done()
      finished = true
      endWith(response, bytes)
      done()
    }

    function done(): void {
      clearTimeout(holdTimer)
      resolve()
    }

    /** Writes the attempt's end down, once. `ok` is what the transport says; the reading may know better. */
    function over(transport: Transport, error: string | null): number | null {
      if (!attempt) return null
      const cost = attempt.end(endingOf(passing, transport, error))
      lineWritten ??= passing.written()
      return cost
    }

    function sendHead(cost: number | null): void {
      if (writeHead(passing, cost)) return
      finished = true
      done()
    }

    function flush(): void {
      if (!begun && !finished && response.headersSent) response.flushHeaders()
    }

    function write(bytes: readonly Uint8Array[]): void {
      if (finished) return
      for (const part of bytes) {
        if (part.length === 0) continue
        if (!response.write(part)) reply.pause()
        begun = true
      }
    }
  })
}
