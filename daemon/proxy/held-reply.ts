/** Holds what a reply begins with while another target could still be asked, until it shows whether it is an answer. */
import type { Sink, UpstreamFailure, UpstreamReply } from '../upstream/send.ts'
import type { Tap } from './tap.ts'

/** An answer that comes bit by bit shows it with its first event; any other is held until it is whole; a refusal is read. */
export type HoldBounds = Record<'stream' | 'answer' | 'refusal', { bytes: number; ms: number }>
export const defaultBounds: HoldBounds = {
  stream: { bytes: 2 ** 20, ms: 10_000 },
  answer: { bytes: 4 * 2 ** 20, ms: 15_000 },
  refusal: { bytes: 64 * 1024, ms: 5000 },
}

/** `began`: its first event came. `bound`: it is held no longer, and nothing was seen that speaks against it. */
type HeldUntil = 'began' | 'ended' | 'bound' | UpstreamFailure

export type Held = {
  until: HeldUntil
  bytes: number
  /** The same reply, from its first byte on. */
  reply: UpstreamReply
}

export type Holding = {
  reply: UpstreamReply
  /** Reads what is held. */
  tap: Tap
  bound: { bytes: number; ms: number }
  /** Some providers keep a slow answer alive with blanks before it: those must pass. */
  blanksPass: boolean
}

/** What comes back of `open` tells that the first event came. */
export function openHold(): { began(): void; hold(holding: Holding): Promise<Held> } {
  let settle: (until: HeldUntil) => void = () => {}
  return {
    began: () => settle('began'),
    hold: (holding) =>
      new Promise((resolve) => {
        const { reply, tap, bound, blanksPass } = holding
        const kept = keep(reply)
        const timer = setTimeout(() => settle('bound'), bound.ms)
        let isSettled = false
        settle = (until) => {
          if (isSettled) return
          isSettled = true
          clearTimeout(timer)
          // whatever it is, nobody takes its bytes for now
          if (until === 'began' || until === 'bound') reply.pause()
          resolve({ until, bytes: kept.bytes(), reply: kept.reply })
        }
        kept.follow({
          data: (chunk) => {
            if (isSettled) return
            const isBlank = blanksPass && kept.bytes() === chunk.length && /^\s/.test(chunk.toString('latin1', 0, 1))
            if (isBlank || kept.bytes() > bound.bytes) settle('bound')
            else tap.take(chunk, () => {})
          },
          end: () => tap.end(() => settle('ended')),
          broken: (why) => tap.end(() => settle(why)),
        })
      }),
  }
}

/** Keeps what comes until somebody takes it: then it goes to them from the first byte on. */
function keep(reply: UpstreamReply): { reply: UpstreamReply; bytes(): number; follow(sink: Sink): void } {
  const chunks: Buffer[] = []
  let bytes = 0
  let over: 'not yet' | 'ended' | UpstreamFailure = 'not yet'
  let to: Sink | undefined

  function drainTo(sink: Sink): void {
    // what comes at once goes behind what is kept
    if (over === 'not yet') reply.resume()
    for (let chunk = chunks.shift(); chunk; chunk = chunks.shift()) sink.data(chunk)
    to = sink
    if (over === 'ended') sink.end()
    else if (over !== 'not yet') sink.broken(over)
  }

  return {
    reply: { ...reply, whole: () => (over === 'ended' && to === undefined ? chunks : null), drainTo },
    bytes: () => bytes,
    follow: (looker) =>
      reply.drainTo({
        data: (chunk) => {
          if (to) return to.data(chunk)
          chunks.push(chunk)
          bytes += chunk.length
          looker.data(chunk)
        },
        end: () => {
          over = 'ended'
          if (to) to.end()
          else looker.end()
        },
        broken: (why) => {
          over = why
          if (to) to.broken(why)
          else looker.broken(why)
        },
      }),
  }
}
