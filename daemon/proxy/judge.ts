/** Says why an attempt got no good answer, and has its target avoided for as long as that is likely to last. */
import type { Event } from '../../shared/contract/event.ts'
import { type RefusalSaid, readRefusal } from '../providers/refusal.ts'
import { cooldownOf } from '../routing/cooldown.ts'
import type { Ending } from './attempt.ts'
import { attemptIdOf } from './attempt-events.ts'
import { modelNameOf } from './call.ts'
import type { Sent } from './sent.ts'
import type { WayDeps } from './way.ts'

export type JudgeDeps = Pick<WayDeps, 'cooldownBefore'> & {
  /** 0..1 */
  chance(): number
  record(event: Event): void
  now(): number
}

/** Looked at once; the target is avoided from then on. `passed`: something of an answer has gone to the client. */
export function judge(sent: Sent, ending: Ending, passed: boolean, deps: JudgeDeps): RefusalSaid | undefined {
  if (ending.outcome === 'ok' || ending.outcome === 'aborted') return undefined
  if (sent.judged) return sent.judged.said
  const said = refusalOf(sent, ending, deps.now())
  sent.judged = { said }
  const { call, attempt } = sent
  // a stream that broke in its midst served until then; what is no call of a model says nothing of one
  const isBlamed = attempt !== null && call.endpoint.counts === 'tokens' && !(passed && ending.outcome === 'truncated')
  if (said && isBlamed) coolDown(said, sent, attempt.account(), deps)
  return said
}

function refusalOf({ step, reply, reading, quota }: Sent, ending: Ending, at: number): RefusalSaid | undefined {
  if (reply && (reply.status >= 400 || ending.reading?.error)) {
    const { status, header } = reply
    const json = reading?.refusalJson()
    return readRefusal({ status, header, json, quota, at }, step.target.provider.refusals ?? [])
  }
  if (ending.outcome === 'failed') return withoutReply(reply ? 'broken' : 'unreachable')
  return ending.outcome === 'truncated' ? withoutReply('broken') : undefined
}

function withoutReply(kind: 'unreachable' | 'broken'): RefusalSaid {
  return { kind, scope: 'model', until: null, sameTargetAfterMs: null, code: null }
}

/** Two refusals that state the same end differ by their way here. */
const sameWithinMs = 1000

/** Records how long the target is avoided: for one refusal once, however many calls were on their way there. */
function coolDown(said: RefusalSaid, { call, step, place, sentAt }: Sent, account: string, deps: JudgeDeps): void {
  const provider = step.target.provider.id
  const modelIn = (scope: 'account' | 'model') => (scope === 'account' ? null : modelNameOf(call, step.target))
  const before = deps.cooldownBefore(provider, account, modelIn(said.scope))
  // what was sent before that one stood only says the same once more
  const isOfSame = before !== undefined && before.setAt >= sentAt
  const counted = isOfSame ? { ...before, strikes: before.strikes - 1 } : before
  const set = cooldownOf(said, counted, deps.now(), deps.chance())
  if (set === null || (isOfSame && (said.until === null || set.until <= before.until + sameWithinMs))) return
  // a guess of ours shortens nothing that stands
  if (before !== undefined && said.until === null && set.until < before.until) return
  const { until, strikes, scope } = set
  deps.record({
    type: 'cooldown.set',
    provider,
    account,
    model: modelIn(scope),
    until,
    refusal: said.kind,
    strikes,
    attempt: attemptIdOf(call, place),
  })
}
