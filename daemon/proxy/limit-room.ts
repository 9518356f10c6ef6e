/** Whether a provider's calls have left room for another under the limits that the user set, until when not, and how they show. */
import type { QuotaWindow } from '../../shared/contract/quota.ts'
import type { OwnLimits } from '../providers/provider.ts'
import { percent, unknownWindow } from '../providers/quota-window.ts'

/** What began in one second. */
export type Second = { at: number; calls: number; tokens: number }
export type Used = {
  /** Of the last minute, oldest first. */
  seconds: Second[]
  running: number
  /** Calls that went today, with those that run; 0 where nobody asks. */
  today: number
}

/** `clock`: monotonic ms. `dayEndsIn`: ms. */
export type Moment = { clock: number; dayEndsIn: number }

/** `afterMs` null: as soon as one that runs is over. */
export type Full = { afterMs: number | null; why: string }

export const windowSeconds = 60

/** What stands in the way of so many more calls with so many tokens: of several things the one that lasts longest. */
export function fullOf(
  limits: OwnLimits,
  { seconds, running, today }: Used,
  more: { calls: number; tokens: number },
  at: Moment,
): Full | undefined {
  const { rpm, tpm, rpd, concurrent } = limits
  const all: Full[] = []
  if (rpd !== undefined && today + more.calls > rpd) {
    all.push({ afterMs: at.dayEndsIn, why: `${rpd} calls a day ("rpd")` })
  }
  const calls = sumOf(seconds, 'calls')
  if (rpm !== undefined && calls + more.calls > rpm) {
    const afterMs = untilFree(seconds, 'calls', calls + more.calls - rpm, at.clock)
    all.push({ afterMs, why: `${rpm} calls a minute ("rpm")` })
  }
  const tokens = sumOf(seconds, 'tokens')
  // one that is larger than the limit by itself would else never go
  if (tpm !== undefined && tokens > 0 && tokens + more.tokens > tpm) {
    const needed = tokens + more.tokens - tpm
    const afterMs = untilFree(seconds, 'tokens', more.calls === 1 ? Math.min(tokens, needed) : needed, at.clock)
    all.push({ afterMs, why: `${tpm} tokens a minute ("tpm")` })
  }
  if (concurrent !== undefined && running + more.calls > concurrent) {
    all.push({ afterMs: null, why: `${concurrent} calls at once ("concurrent")` })
  }
  return all.reduce<Full | undefined>(
    (longest, one) => (!longest || wait(one) > wait(longest) ? one : longest),
    undefined,
  )
}

function wait({ afterMs }: Full): number {
  return afterMs ?? 0
}

function sumOf(seconds: readonly Second[], what: 'calls' | 'tokens'): number {
  return seconds.reduce((sum, second) => sum + second[what], 0)
}

/** Ms until at least `needed` of what was used is a minute old. */
function untilFree(seconds: readonly Second[], what: 'calls' | 'tokens', needed: number, clock: number): number {
  let freed = 0
  for (const second of seconds) {
    freed += second[what]
    if (freed >= needed) return Math.max(1, isOldAt(second) - clock)
  }
  return windowSeconds * 1000
}

function isOldAt({ at }: Second): number {
  return (at + windowSeconds) * 1000
}

/** As windows of a provider would be; `now`: wall clock. A minute's reset is when all of it is free again. */
export function countedWindows(limits: OwnLimits, used: Used, at: Moment, now: number): QuotaWindow[] {
  const { rpm, tpm, rpd, concurrent } = limits
  const last = used.seconds.at(-1)
  const minuteEnds = last === undefined ? null : Math.round(now + isOldAt(last) - at.clock)
  const window = (name: string, limit: number | undefined, spent: number, resetsAt: number | null) =>
    limit === undefined
      ? []
      : [
          {
            ...unknownWindow(name, now, 'counted'),
            limit,
            remaining: Math.max(0, limit - spent),
            usedPct: percent(spent / limit),
            resetsAt,
          },
        ]
  return [
    ...window('requests-minute', rpm, sumOf(used.seconds, 'calls'), minuteEnds),
    ...window('tokens-minute', tpm, Math.round(sumOf(used.seconds, 'tokens')), minuteEnds),
    ...window('requests-day', rpd, used.today, now + at.dayEndsIn),
    ...window('concurrent', concurrent, used.running, null),
  ]
}
