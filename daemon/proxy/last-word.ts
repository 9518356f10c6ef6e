/** What a caller is told when no target of the plan answered: which ones there were, why each did not, and when to try again. */
import type { RefusalKind, SkippedTarget } from '../../shared/contract/refusal.ts'
import { duration } from '../../shared/format.ts'
import { said as saidOf } from '../ledger/views/refusal-text.ts'
import type { UpstreamFailure } from '../upstream/send.ts'
import type { Target } from './call.ts'
import type { Blocked } from './let-go.ts'
import type { No } from './refuse.ts'

/** One that was asked. `until`: when it may be asked again, epoch ms; null: nobody knows. */
export type Tried = { name: string; kind: RefusalKind; status: number | null; until: number | null }

/** Nobody knows how long another call takes to find out. */
const probeMs = 2000
/** Clients wait as long as this for a `retry-after`, and no longer. */
const longestWaitMs = 60_000

/** All that were asked failed. */
export function noAnswer(
  chain: string | null,
  tried: readonly Tried[],
  skipped: readonly SkippedTarget[],
  now: number,
): No {
  const soonest = soonestOf([...tried.map(({ until }) => until), ...skipped.map((one) => freeAt(one, now))])
  const wait = soonest === null ? null : secondsUntil(soonest, now)
  const isLimited = tried.every(({ kind }) => kind === 'rate' || kind === 'plan')
  const isNear = soonest !== null && soonest - now <= longestWaitMs
  const said = [...tried.map((one) => saidOfTried(one, now)), ...skipped.map((one) => saidOfSkipped(one, now))]
  return {
    code: isLimited && isNear ? 'targets_cooling' : 'all_providers_exhausted',
    detail: `No target of ${chainNamed(chain)} answered: ${said.join('; ')}.${whenToTry(soonest, now)}`,
    wait,
  }
}

/** None could be asked. */
export function noneFree(chain: string | null, skipped: readonly SkippedTarget[], now: number): No {
  const newest = newestOf(skipped)
  const soonest = soonestOf(newest.map((one) => freeAt(one, now)))
  const said = newest.map((one) => saidOfSkipped(one, now)).join('; ')
  return {
    code: 'targets_cooling',
    detail: `No target of ${chainNamed(chain)} can be asked now: ${said}.${whenToTry(soonest, now)}`,
    wait: soonest === null ? null : secondsUntil(soonest, now),
    ...(chain !== null && { chain }),
    skipped,
  }
}

/** A budget stopped one, and no other could be asked. `period`: the budget's; undefined: it is there no more. */
export function overBudget(
  { provider, verdict }: { provider: string; verdict: Blocked['verdict'] },
  { chain, skipped }: { chain: string | null; skipped: readonly SkippedTarget[] },
  period: string | undefined,
  now: number,
): No {
  const { budget, spentUsd, limitUsd } = verdict
  const others = skipped.filter((one) => one.budget?.id !== budget.id).map((one) => saidOfSkipped(one, now))
  const soonest = soonestOf(skipped.map((one) => freeAt(one, now)))
  return {
    code: 'budget_exceeded',
    detail:
      [`${budget.text}.`, ...(others.length > 0 ? [`${others.join('; ')}.`] : [])].join(' ') + whenToTry(soonest, now),
    wait: soonest === null ? null : secondsUntil(soonest, now),
    context: {
      provider,
      budget: budget.id,
      current_spend_usd: spentUsd,
      limit_usd: limitUsd,
      monthly_limit_usd: period === 'month' ? limitUsd : null,
    },
    ...(chain !== null && { chain }),
    skipped,
  }
}

/** The one that was asked did not answer. */
export function noOfFailure(why: UpstreamFailure, { provider: { id, baseUrl } }: Target): No {
  switch (why.reason) {
    case 'connect':
      return {
        code: 'upstream_failed',
        detail: `Provider ${id} could not be reached at ${new URL(baseUrl).origin}: ${why.detail}.`,
      }
    case 'timeout':
      return { code: 'upstream_failed', detail: `Provider ${id} did not answer in time: ${why.detail}.` }
    case 'bad-reply':
      return {
        code: 'bad_upstream_reply',
        detail: `Provider ${id} sent a reply that is not valid HTTP: ${why.detail}.`,
      }
    case 'reset':
    case 'aborted':
      return {
        code: 'upstream_failed',
        detail: `Provider ${id} broke off before its answer was complete: ${why.detail}.`,
      }
  }
}

/** Whether waiting for one of them is worth more than to be told of a budget: soon it may be asked, and no budget is used up there. */
export function isSoonFree(skipped: readonly SkippedTarget[], now: number): boolean {
  return newestOf(skipped).some((one) => {
    if (one.why === 'budget' && one.budget?.why !== 'held') return false
    const at = freeAt(one, now)
    return at !== null && at - now <= longestWaitMs
  })
}

/** A target may have been passed over more than once: the last time counts. */
function newestOf(skipped: readonly SkippedTarget[]): SkippedTarget[] {
  return [...new Map(skipped.map((one) => [nameOf(one), one])).values()]
}

/** `provider/model` */
export function nameOf({ provider, model }: { provider: string; model: string | null }): string {
  return model === null ? provider : `${provider}/${model}`
}

function saidOfTried({ name, kind, status, until }: Tried, now: number): string {
  const http = status === null || status < 400 ? '' : ` (HTTP ${status})`
  return `${name} ${saidOf[kind]}${http}${until === null ? '' : `, for ${duration(until - now)}`}`
}

function saidOfSkipped(skipped: SkippedTarget, now: number): string {
  const { why, until, refusal } = skipped
  const left = until === null ? '' : `, for another ${duration(until - now)}`
  return `${nameOf(skipped)} ${reason()}`

  function reason(): string {
    switch (why) {
      case 'cooling':
        return `is not asked, as it ${pastWords(refusal)}${left}`
      case 'probing':
        return `is being tried by another call, as it ${pastWords(refusal)}`
      case 'own-limit':
        return `is at a limit that you set${left}`
      case 'budget':
        return `is not asked: ${skipped.budget?.text ?? 'a budget is exceeded'}`
      case 'dialect':
        return 'does not speak this API'
      case 'no-key':
        return 'has no key to lend'
      case 'not-allowed':
        return 'may not be used with this key'
      case 'server-state':
        return 'does not keep what this call goes on from'
      case 'unknown':
        return 'is not a provider that can be asked'
    }
  }
}

function pastWords(refusal: RefusalKind | null): string {
  return refusal === null ? 'failed before' : saidOf[refusal]
}

function freeAt({ why, until }: SkippedTarget, now: number): number | null {
  return why === 'probing' ? now + probeMs : until
}

function soonestOf(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null)
  return known.length === 0 ? null : Math.min(...known)
}

function secondsUntil(time: number, now: number): number {
  return Math.max(1, Math.ceil((time - now) / 1000))
}

function whenToTry(soonest: number | null, now: number): string {
  return soonest === null ? '' : ` Try again in ${duration(Math.max(1000, soonest - now))}.`
}

function chainNamed(chain: string | null): string {
  return chain === null ? 'this call' : `chain ${chain}`
}
