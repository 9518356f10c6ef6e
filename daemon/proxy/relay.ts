/** One call, a straight line: the next target, send, read its limits, pass the reply, or go on to the target after it. */
import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { mayFailOver } from '../routing/failover.ts'
import { defaultTimeouts, type UpstreamFailure, type UpstreamReply } from '../upstream/send.ts'
import type { Ending } from './attempt.ts'
import type { Place } from './attempt-events.ts'
import type { Call, Plan, Target } from './call.ts'
import { endAfter, passOn, refuseUnsent } from './finish.ts'
import { type Answer, type Failed, holdReply, mustBeHeld, withoutReply } from './opened.ts'
import { type PastFailure, pastFailureOf, type RelayDeps, type Relaying } from './relaying.ts'
import { receive, type Sent, sendStep } from './sent.ts'
import { newlySkipped } from './skipped.ts'
import { nextStep, queuedTurn, type Step, sameTurn, stepOfTurn, type Turn, type Way, wayOf } from './way.ts'

export async function relay(call: Call, plan: Plan, response: ServerResponse, deps: RelayDeps): Promise<void> {
  const way = wayOf(call, plan, deps)
  const running = deps.inFlight.enter(() => response.destroy())
  const relaying: Relaying = { call, response, answered: running.answered, way, failed: [], waitedMs: 0, deadlineMs: 0 }
  let step: Step | undefined
  let sent: Sent | undefined
  try {
    step = nextStep(way, deps) ?? stepOfTurn(way, await laterTurn(relaying, deps), deps)
    while (step) {
      sent = sendNext(relaying, step, deps)
      // a client that leaves stops the upstream; once the reply goes to it, the passing takes care
      response.once('close', sent.sending.abort)
      const reply = await sent.sending.reply
      if (reply.kind === 'reply') receive(sent, reply, deps)
      const isHeld = reply.kind === 'reply' && mustBeHeld(way, sent, reply, deps)
      const opened = isHeld ? await holdReply(sent, reply, response, deps) : openedAtOnce(sent, reply, deps)
      response.off('close', sent.sending.abort)
      step.probed()
      if (opened.kind === 'answer') return await passOn(relaying, sent, opened, deps)
      const failure = pastFailureOf(opened.sent, opened.said, deps)
      relaying.failed.push(failure)
      relaying.waitedMs = 0
      step = mayGoOn(relaying, failure, deps)
        ? (nextStep(way, deps) ?? stepOfTurn(way, await laterTurn(relaying, deps), deps))
        : undefined
      if (!step) return await endAfter(relaying, opened, deps)
      leaveBehind(opened)
    }
    refuseUnsent(relaying, deps)
  } catch (error) {
    sent?.sending.abort()
    sent?.attempt?.end(ofFault)
    step?.probed()
    step?.entered.left(null)
    throw error
  } finally {
    sent?.left()
    running.left()
  }
}

/** A bug of ours: the attempt ends all the same. */
const ofFault: Ending = {
  outcome: 'failed',
  status: null,
  reading: null,
  estimateOutput: null,
  error: 'Tollkeeper failed on this call; its log says how',
}

function sendNext(relaying: Relaying, step: Step, deps: RelayDeps): Sent {
  const { way, failed } = relaying
  const { provider, strategy } = step.target
  const [first] = failed
  const place: Place = {
    number: failed.length + 1,
    chain: way.chain,
    strategy: first && first.target !== step.target ? 'failover' : strategy,
    skipped: newlySkipped(way),
    estimate: step.estimate,
    sinceMs: sinceOf(relaying),
  }
  if (!first) {
    relaying.deadlineMs = deps.clock() + longestHeadMs(way)
    return sendStep(relaying, step, place, provider.timeouts, deps)
  }
  const left = Math.max(1, relaying.deadlineMs - deps.clock())
  const headMs = Math.min(headMsOf(step.target), left)
  return sendStep(relaying, step, place, { ...provider.timeouts, headMs }, deps)
}

/** What was waited for is no time of ours. */
function sinceOf({ call, failed, waitedMs }: Relaying): number | null {
  const last = failed.at(-1)
  return last || waitedMs > 0 ? (last?.overMs ?? call.readMs) + waitedMs : null
}

function headMsOf({ provider }: Target): number {
  return provider.timeouts?.headMs ?? defaultTimeouts.headMs
}

/** What the most patient target has is there for all of them together. */
function longestHeadMs({ targets }: Way): number {
  let longest = 0
  for (const target of targets) longest = Math.max(longest, headMsOf(target))
  return longest
}

function openedAtOnce(sent: Sent, reply: UpstreamReply | UpstreamFailure, deps: RelayDeps): Answer | Failed {
  return reply.kind === 'failure' ? withoutReply(sent, reply, deps) : { kind: 'answer', reply, heldToBound: false }
}

function mayGoOn({ way, response, deadlineMs }: Relaying, { said, target }: PastFailure, deps: RelayDeps): boolean {
  // a target that stands alone is asked once: clients try again themselves
  if (way.targets.length <= 1 || said === undefined || response.destroyed || deps.clock() >= deadlineMs) return false
  return mayFailOver(said.kind, target.lent ? 'lent' : 'own')
}

/** Its end was held back until it was known that another one follows. */
function leaveBehind({ sent, ending }: Failed): void {
  sent.sending.abort()
  sent.attempt?.end({ ...ending, goesOn: true })
  sent.left()
}

/** The longest that a target is waited for which asked for it. */
const longestPauseMs = 2000

/** Where no target is free: the same one once more if it asks for that, or one that only the user's own limits hold back. */
async function laterTurn(relaying: Relaying, deps: RelayDeps): Promise<Turn | undefined> {
  const { way, response } = relaying
  const beganMs = deps.clock()
  const turn =
    (await sameAfterPause(relaying, deps)) ?? (response.destroyed ? undefined : await queuedTurn(way, response, deps))
  relaying.waitedMs = deps.clock() - beganMs
  if (!turn || !response.destroyed) return turn
  turn.probed()
  turn.entered.left(null)
  return undefined
}

async function sameAfterPause({ way, response, failed }: Relaying, deps: RelayDeps): Promise<Turn | undefined> {
  const last = failed.at(-1)
  const afterMs = last?.said?.sameTargetAfterMs ?? null
  const target = last?.target
  if (target === undefined || afterMs === null || afterMs > longestPauseMs || way.again.includes(target))
    return undefined
  way.again.push(target)
  const left = new AbortController()
  const leave = () => left.abort()
  response.once('close', leave)
  // it rejects only where the client left
  const waited = await pause(afterMs, true, { signal: left.signal }).catch(() => false)
  response.off('close', leave)
  return waited ? sameTurn(way, target, deps) : undefined
}
