/** Says why an attempt got no good answer, and has its target avoided for as long as that is likely to last. */
import type { Event } from '../../shared/contract/event.ts'
import type { HeaderOf, QuotaSaid } from '../providers/quota-window.ts'
import { type RefusalSaid, readRefusal } from '../providers/refusal.ts'
import { cooldownOf } from '../routing/cooldown.ts'
import type { Ending } from './attempt.ts'
import { type Call, modelNameOf, type Target } from './call.ts'
import type { WayDeps } from './way.ts'

export type JudgeDeps = Pick<WayDeps, 'cooling' | 'cooldownBefore'> & {
  /** 0..1 */
  chance(): number
  record(event: Event): void
  now(): number
}

/** What is known of a reply that is no good answer; null: there was none. */
export type Told = { status: number; header: HeaderOf; json: unknown; quota: QuotaSaid | null }

/** undefined: it was answered, or the client left. */
export function refusalOf(ending: Ending, target: Target, told: Told | null, at: number): RefusalSaid | undefined {
  if (told !== null && (told.status >= 400 || ending.reading?.error)) {
    return readRefusal({ ...told, at }, target.provider.refusals ?? [])
  }
  if (ending.outcome === 'failed') return told === null ? withoutReply('unreachable') : withoutReply('broken')
  return ending.outcome === 'truncated' ? withoutReply('broken') : undefined
}

function withoutReply(kind: 'unreachable' | 'broken'): RefusalSaid {
  return { kind, scope: 'model', until: null, sameTargetAfterMs: null, code: null }
}

/** Whose refusal it was. `sentAt`: wall clock, epoch ms. */
export type Refused = { call: Call; target: Target; attempt: string; account: string; sentAt: number }

/** Records how long the target is avoided: for one refusal once, however many calls were on their way there. */
export function coolDown(
  said: RefusalSaid,
  { call, target, attempt, account, sentAt }: Refused,
  deps: JudgeDeps,
): void {
  const provider = target.provider.id
  const modelIn = (scope: 'account' | 'model') => (scope === 'account' ? null : modelNameOf(call, target))
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
    attempt,
  })
}

/** Two refusals that state the same end differ by their way here. */
const sameWithinMs = 1000
