/** Whether a number of tokens fits into what an account has left, with what that rests on; pure. */
import { clockTime, percent, tokens } from '../../shared/format.ts'
import { plainLabel } from '../escape.ts'
import { longWindowName } from '../window-name.ts'
import { line, type PickRow } from './pick-row.ts'
import type { Clock, RateLimit } from './rate-limit-rows.ts'

/** `12000`, `12k`, `1.5M`; null where it is no number of tokens. */
export function tokensIn(text: string): number | null {
  const [, number, unit = ''] = /^\s*(\d{1,12}(?:\.\d{1,6})?)\s*([km]?)\s*$/i.exec(text) ?? []
  const factor = { '': 1, k: 1e3, m: 1e6 }[unit.toLowerCase()] ?? 1
  const count = number === undefined ? 0 : Math.round(Number(number) * factor)
  return count > 0 ? count : null
}

type Fit = { fits: boolean | null; basis: string }

/** The answer as the first of the account's rows. */
export function fitRow(row: RateLimit, wanted: number, clock: Clock): PickRow {
  const { fits, basis } = fitOf(row, wanted, clock)
  const answer = fits === null ? '$(question) Not known' : fits ? '$(check) Yes' : '$(error) No'
  return {
    kind: 'row',
    label: `${answer}: ${tokens(wanted)} ${wanted === 1 ? 'token' : 'tokens'}`,
    description: '',
    detail: basis,
  }
}

/** Which kind of tokens will be used is not known: each limit of tokens must have room for all. */
function fitOf({ status, cooldownUntil, reason, windows }: RateLimit, wanted: number, clock: Clock): Fit {
  if (status === 'exhausted') {
    const until = cooldownUntil === null ? '' : `refused until ${clockTime(cooldownUntil, clock.now, clock.timeZone)}`
    return { fits: false, basis: line(until, reason === null ? 'The limit is reached.' : plainLabel(reason)) }
  }
  const counted = windows.flatMap((window) =>
    /(^|-)tokens(-|$)/.test(window.name) && window.remaining !== null
      ? [{ ...window, remaining: window.remaining }]
      : [],
  )
  const tightest = counted.sort((a, b) => a.remaining - b.remaining)[0]
  if (tightest === undefined) return { fits: null, basis: line('No limit is stated in tokens', shareLeft(windows)) }
  const { name, remaining, limit, resetsAt } = tightest
  const left = `${tokens(remaining)}${limit === null ? '' : ` of ${tokens(limit)}`} left`
  const resets = resetsAt === null ? '' : `resets ${clockTime(resetsAt, clock.now, clock.timeZone)}`
  const never = limit !== null && wanted > limit ? 'more than the whole limit' : ''
  return { fits: wanted <= remaining, basis: line(plainLabel(longWindowName(name)), left, resets, never) }
}

function shareLeft(windows: RateLimit['windows']): string {
  const [fullest] = windows
    .filter(({ usedPct }) => usedPct !== null)
    .sort((a, b) => (b.usedPct ?? 0) - (a.usedPct ?? 0))
  if (fullest === undefined) return ''
  return `${plainLabel(longWindowName(fullest.name))} is ${percent(fullest.usedPct ?? 0)} used`
}
