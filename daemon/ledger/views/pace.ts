/** How fast a window is used: the share used beside the share of its time that has passed, and when it runs out at this rate. */
import type { QuotaWindow } from '../../../shared/contract/quota.ts'
import { dayMs, hourMs } from '../zone.ts'

export type Pace = {
  /** How much of the window's time has passed, in percent. */
  elapsedPct: number | null
  /** `usedPct` less `elapsedPct`, in percentage points: above 0 it is used faster than its time passes. */
  pace: number | null
  /** Epoch ms. */
  runsOutAt: number | null
}

/** Before that a single call would tell the rate. */
const soonestPct = 3
/** Providers tell shares in whole percents, and what is used up just before the reset lasts. */
const grainPct = 2

const none: Pace = { elapsedPct: null, pace: null, runsOutAt: null }

/**
 * What is used is taken to hold at now, as if no more had been used since the reading: a pause slows the rate. All null where the
 * window's length or reset is not known, its reset has passed, or it is too short to plan by.
 */
export function paceOf(
  { name, usedPct, resetsAt }: Pick<QuotaWindow, 'name' | 'usedPct' | 'resetsAt'>,
  now: number,
): Pace {
  const length = lengthOf(name)
  if (length === null || resetsAt === null || resetsAt <= now) return none
  // a clock that is behind the provider's is before the window's beginning
  const elapsed = Math.max(0, now - (resetsAt - length))
  const elapsedPct = (elapsed / length) * 100
  if (usedPct === null) return { elapsedPct, pace: null, runsOutAt: null }
  const pace = usedPct - elapsedPct
  const foreseen = elapsedPct >= soonestPct && usedPct < 100 && pace >= grainPct
  return { elapsedPct, pace, runsOutAt: foreseen ? Math.round(now - elapsed + (elapsed * 100) / usedPct) : null }
}

const units = new Map([
  ['h', hourMs],
  ['d', dayMs],
  ['w', 7 * dayMs],
  ['hour', hourMs],
  ['day', dayMs],
])

/** `5h`, `7d-opus`, `requests-day`. null: the name tells no length, or one of minutes, or a month, which is no fixed time. */
function lengthOf(name: string): number | null {
  const [, count, short, long] = /^(\d{1,3})([hdw])(?![a-z0-9])|-(hour|day)$/.exec(name) ?? []
  const unit = units.get(short ?? long ?? '')
  const times = count === undefined ? 1 : Number(count)
  return unit === undefined || times === 0 ? null : times * unit
}
