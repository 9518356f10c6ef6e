/** Whether what came back of one sending is passed on, or failed and may be followed by another target. */
import type { ServerResponse } from 'node:http'
import type { RefusalSaid } from '../providers/refusal.ts'
import type { UpstreamFailure, UpstreamReply } from '../upstream/send.ts'
import type { Ending } from './attempt.ts'
import { endingOf, isCut } from './ending.ts'
import { type Held, type HoldBounds, openHold } from './held-reply.ts'
import { type JudgeDeps, judge } from './judge.ts'
import { cutShort } from './passing.ts'
import { type OpenReading, openReplyReading } from './reply-reading.ts'
import type { Sent } from './sent.ts'
import { hasMore, type Way, type WayDeps } from './way.ts'

/** It goes to the client. `heldToBound`: it was held as long as it may be. */
export type Answer = { kind: 'answer'; reply: UpstreamReply; heldToBound: boolean }

export type Failed = {
  kind: 'failed'
  sent: Sent
  ending: Ending
  /** undefined: the client left. */
  said: RefusalSaid | undefined
  /** What could be passed on all the same; else why there is nothing. */
  reply: Answer | null
  why: UpstreamFailure
}

export type OpenedDeps = JudgeDeps & WayDeps & { clock(): number; bounds: HoldBounds }

/** No head came. */
export function withoutReply(sent: Sent, why: UpstreamFailure, deps: OpenedDeps): Failed {
  const aborted = why.reason === 'aborted'
  const ending: Ending = {
    outcome: aborted ? 'aborted' : 'failed',
    status: null,
    reading: null,
    estimateOutput: null,
    error: aborted ? null : why.detail,
    overMs: deps.clock(),
  }
  return { kind: 'failed', sent, ending, said: judge(sent, ending, false, deps), reply: null, why }
}

/** Only while another target could be asked, or others were: else what came is passed on as it comes. */
export function mustBeHeld(way: Way, { place, step }: Sent, reply: UpstreamReply, deps: WayDeps): boolean {
  if (way.targets.length <= 1) return false
  if (reply.status < 400) return hasMore(way, deps)
  return place.number > 1 || !way.again.includes(step.target) || hasMore(way, deps)
}

export async function holdReply(
  sent: Sent,
  reply: UpstreamReply,
  response: ServerResponse,
  deps: OpenedDeps,
): Promise<Answer | Failed> {
  const hold = openHold()
  const reading = openReplyReading(sent.call, reply, sent.step.outgoing.usageAsked, hold.began)
  sent.reading = reading
  const isRefusal = reply.status >= 400
  const kind = isRefusal ? 'refusal' : reading.streams ? 'stream' : 'answer'
  const held = await hold.hold({ reply, tap: reading.tap, bound: deps.bounds[kind], blanksPass: kind === 'answer' })
  if (held.bytes > 0) sent.attempt?.bytes()
  else sent.attempt?.upstreamOver()
  const answer: Answer = { kind: 'answer', reply: held.reply, heldToBound: held.until === 'bound' }
  if (isRefusal || reading.tap.reading().error) return failedWith(reading, held, answer)
  const why = response.destroyed ? gone : whyNoAnswer(reading, held)
  return why === null ? answer : failedWith(reading, held, null, why)

  function failedWith({ tap, streams }: OpenReading, { bytes }: Held, passable: Answer | null, why = gone): Failed {
    const left = passable === null && why.reason === 'aborted'
    const told = endingOf({ reply, tap, streams }, left ? 'aborted' : 'truncated', passable ? null : why.detail)
    // nothing was used where nothing came
    const outcome = told.outcome === 'truncated' && bytes === 0 ? 'failed' : told.outcome
    const ending: Ending = { ...told, outcome, overMs: deps.clock() }
    return { kind: 'failed', sent, ending, said: judge(sent, ending, false, deps), reply: passable, why }
  }
}

const gone: UpstreamFailure = { kind: 'failure', reason: 'aborted', detail: 'the client left' }

/** null: nothing speaks against it. */
function whyNoAnswer({ tap, streams, isSse }: OpenReading, { until, bytes, reply }: Held): UpstreamFailure | null {
  if (typeof until !== 'string') return until
  if (until !== 'ended') return null
  // some answers have no body at all (RFC 9110 section 15)
  const isEmpty = bytes === 0 && reply.status === 200
  if (isEmpty || (isSse && !tap.reading().complete))
    return { kind: 'failure', reason: 'reset', detail: 'the answer was empty' }
  if (!isCut({ reply, tap, streams })) return null
  return cutShort
}
