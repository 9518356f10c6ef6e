/** How a call ends: a reply goes to its client, or a word of ours where there is none left to ask. */
import type { UpstreamFailure } from '../upstream/send.ts'
import { type Call, modelNameOf, modelOf } from './call.ts'
import { isSoonFree, nameOf, noAnswer, noneFree, noOfFailure, overBudget, type Tried } from './last-word.ts'
import { safeName } from './names.ts'
import type { Answer, Failed } from './opened.ts'
import { noRoom } from './own-limits.ts'
import { pass, withoutHold } from './pass.ts'
import type { Passing } from './passing.ts'
import type { No } from './refuse.ts'
import { type PastFailure, pastFailureOf, type RelayDeps, type Relaying } from './relaying.ts'
import { openReplyReading } from './reply-reading.ts'
import type { Sent } from './sent.ts'
import { newlySkipped } from './skipped.ts'
import { placeOf, type Way } from './way.ts'

/** From here on no other target is asked. */
export function passOn(relaying: Relaying, sent: Sent, { reply, heldToBound }: Answer, deps: RelayDeps): Promise<void> {
  const { call, way, response } = relaying
  const { attempt, place, sending } = sent
  const { target, outgoing } = sent.step
  const reading = openReplyReading(call, reply, outgoing.usageAsked)
  sent.reading = reading
  const ownHeaders = [
    'x-tollkeeper-request-id',
    call.id,
    'x-tollkeeper-provider',
    target.provider.id,
    'x-tollkeeper-model',
    headerSafe(modelOf(call, target) ?? 'unknown'),
    'x-tollkeeper-attempts',
    String(place.number),
  ]
  if (way.chain !== null) ownHeaders.push('x-tollkeeper-chain', way.chain)
  const passing: Passing = {
    reply,
    response,
    tap: reading.tap,
    attempt,
    mayShorten: outgoing.usageAsked && reading.isSse,
    streams: reading.streams,
    ownHeaders,
    written: deps.written,
    abort: sending.abort,
    failed: (why) => {
      // it may stand among them already: it failed, and its reply is passed on all the same
      const before = relaying.failed.slice(0, place.number - 1)
      sayWhy(relaying, [...before, pastFailureOf(sent, sent.judged?.said, deps)], why, deps)
    },
  }
  return heldToBound ? pass(passing, withoutHold) : pass(passing)
}

function headerSafe(text: string): string {
  return safeName(text).replace(/[^\x20-\x7e]/g, '?')
}

/** `last` failed, and no target is left to be asked. */
export async function endAfter(relaying: Relaying, last: Failed, deps: RelayDeps): Promise<void> {
  const { way, failed } = relaying
  const { sent, reply, said, ending, why } = last
  sent.place.skipped.push(...newlySkipped(way))
  // what one provider says of the request, or of itself where it was asked alone, is its own to say
  if (reply && (said?.kind === 'request' || isOneTarget(failed))) return passOn(relaying, sent, reply, deps)
  sent.sending.abort()
  sent.attempt?.end(ending)
  await deps.written()
  if (ending.outcome !== 'aborted') sayWhy(relaying, failed, why, deps)
}

/** Why none answered; the last attempt is counted already. */
function sayWhy(
  { call, way, response }: Relaying,
  failed: readonly PastFailure[],
  why: UpstreamFailure,
  deps: RelayDeps,
): void {
  const [first] = failed
  if (response.destroyed || response.headersSent || !first) return
  if (way.targets.length > 1) {
    response.setHeader('x-tollkeeper-attempts', String(failed.length))
    if (way.chain !== null) response.setHeader('x-tollkeeper-chain', way.chain)
  }
  const no = isOneTarget(failed)
    ? noOfFailure(why, first.target)
    : noAnswer(
        way.chain,
        failed.map((one) => triedOf(call, one, deps)),
        way.skipped,
        deps.now(),
      )
  deps.answer(response, call, no)
}

function isOneTarget(failed: readonly PastFailure[]): boolean {
  return failed.every(({ target }) => target === failed[0]?.target)
}

function triedOf(call: Call, { target, said, status }: PastFailure, deps: RelayDeps): Tried {
  const cooling = deps.cooling(...placeOf(call, target, deps.accounts))
  return {
    name: nameOf({ provider: target.provider.id, model: modelNameOf(call, target) }),
    kind: said?.kind ?? 'broken',
    status,
    until: cooling.kind === 'cooling' ? cooling.until : null,
  }
}

/** No target was asked at all. */
export function refuseUnsent({ way, response }: Relaying, deps: RelayDeps): void {
  const [full] = way.full
  const isAlone = way.targets.length === 1
  if (isAlone && full)
    return deps.refuse(response, way.call, withWay(noRoom(full, full.target), way), full.target.provider.id)
  const blocked = way.blocked.find(({ verdict }) => !verdict.budget.why)
  // a budget is the user's word to stop: only where something else is as good as free is a wait worth it
  if (blocked && !isSoonFree(way.skipped, deps.now())) {
    const { verdict, target } = blocked
    const provider = target.provider.id
    const period = deps.ledger().budgets.get(verdict.budget.id)?.budget.period
    const final = deps.budgetRefusalStatus()
    const no = overBudget({ provider, verdict }, way, period, deps.now())
    return deps.refuse(response, way.call, final === null ? no : { ...no, final }, provider)
  }
  if (way.no && (isAlone || way.skipped.every(({ why }) => why === 'unknown'))) {
    return deps.refuse(response, way.call, withWay(way.no.no, way), way.no.target.provider.id)
  }
  const alone = isAlone ? (way.targets[0]?.provider.id ?? null) : null
  deps.refuse(response, way.call, noneFree(way.chain, way.skipped, deps.now()), alone)
}

function withWay(no: No, { chain, skipped }: Way): No {
  return chain === null ? no : { ...no, chain, skipped }
}
