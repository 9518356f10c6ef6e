/** The accounts and limits of Query Rate Limits… as rows; pure. */
import type { ReplyOf } from '../../shared/contract/endpoint.ts'
import type { Endpoints } from '../../shared/contract/endpoints/index.ts'
import type { LimitRow } from '../../shared/contract/rows.ts'
import { ago, clockTime, duration, nothing, paceText, percent, tokens } from '../../shared/format.ts'
import { plainLabel } from '../escape.ts'
import { longWindowName } from '../window-name.ts'
import { line, type PickRow } from './pick-row.ts'
import { sourceText } from './source-text.ts'

export type RateLimit = ReplyOf<Endpoints['ratelimits']>['ratelimits'][number]
export type Clock = { now: number; timeZone: string }

const states: Record<RateLimit['status'], string> = {
  available: 'available',
  tracking: 'limits are known',
  exhausted: 'limit reached',
}

/** What people call an account; the list of limits knows, the rate limits name it by its id alone. */
export function accountName(row: RateLimit, limits: readonly LimitRow[]): string {
  const known = limits.find((limit) => limit.provider === row.provider && limit.account === row.account)
  const model = row.model === '*' ? '' : row.model
  return line(plainLabel(known?.account_label ?? `${row.provider} ${row.account}`), plainLabel(model))
}

export function accountSummary(row: RateLimit, { now, timeZone }: Clock): string {
  const until = row.cooldownUntil === null ? '' : `until ${clockTime(row.cooldownUntil, now, timeZone)}`
  return line(states[row.status], until, row.reason === null ? '' : plainLabel(row.reason))
}

export function rateLimitRows(row: RateLimit, clock: Clock): PickRow[] {
  return row.windows.map((window) => {
    const { now, timeZone } = clock
    const left = window.resetsAt === null || window.resetsAt <= now ? '' : ` (${duration(window.resetsAt - now)})`
    const resets =
      window.resetsAt === null ? 'no reset stated' : `resets ${clockTime(window.resetsAt, now, timeZone)}${left}`
    const headroom =
      window.remaining === null
        ? ''
        : `${tokens(window.remaining)}${window.limit === null ? '' : ` of ${tokens(window.limit)}`} left`
    return {
      kind: 'row',
      label: `${plainLabel(longWindowName(window.name))} · ${window.usedPct === null ? nothing : percent(window.usedPct)}`,
      description: line(
        headroom,
        resets,
        paceText({ points: window.pace, runsOutAt: window.runsOutAt }, now, timeZone),
      ),
      detail: `measured ${ago(window.measuredAt, now)}${sourceText(window.source)}`,
    }
  })
}
