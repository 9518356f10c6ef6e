/** The questions of Query Usage…, ready and typed, and how their answers read; pure. */
import { type UsageDimension, type UsageReply, usageDimension } from '../../shared/contract/endpoints/core.ts'
import { tokens } from '../../shared/format.ts'
import { plainLabel } from '../escape.ts'
import { billedText } from '../tooltip.ts'
import { totalsDetail } from './glance-rows.ts'
import { line, type PickRow } from './pick-row.ts'

export type Question = {
  label: string
  description: string
  /** A span back from now; `today` begins with the day of the daemon's time zone; null is this month. */
  since: string | null
  by: UsageDimension
  /** Only calls of this provider, model and so on. */
  only?: Partial<Record<Filter, string>>
}

const filters = ['provider', 'model', 'client', 'task', 'chain', 'folder', 'account'] as const
type Filter = (typeof filters)[number]

export const questions: readonly Question[] = [
  { label: 'Today by model', description: 'which models were used', since: 'today', by: 'model' },
  { label: 'Today by client', description: 'which assistants and scripts called', since: 'today', by: 'client' },
  { label: 'Today by hour', description: 'when it was used', since: 'today', by: 'hour' },
  { label: 'Last 7 days by day', description: 'one row a day', since: '7d', by: 'day' },
  { label: 'Last 7 days by client', description: 'which assistants and scripts called', since: '7d', by: 'client' },
  { label: 'Last 7 days by model', description: 'which models were used', since: '7d', by: 'model' },
  { label: 'This month by provider', description: 'who was called', since: null, by: 'provider' },
  { label: 'This month by model', description: 'which models were used', since: null, by: 'model' },
  { label: 'This month by account', description: 'whose quota and money', since: null, by: 'account' },
  { label: 'This month by billing', description: 'metered, within a plan, local', since: null, by: 'billing' },
  { label: 'This month by task', description: 'what it was for', since: null, by: 'task' },
]

/** What may be typed, for whoever typed something else. */
export const filterForm = `Such as: client:claude-code since:7d by:model. Words: since (today, 7d, 2026-03-01), by (${usageDimension.options.join(', ')}), ${filters.join(', ')}`

/** A question as people type it: `model:gpt-5 since:7d by:folder`; undefined where a word of it is none. Names are whole names. */
export function questionIn(text: string): Question | undefined {
  const question: Question = { label: text.trim(), description: '', since: null, by: 'model' }
  const only: Question['only'] = {}
  for (const word of text.trim().split(/\s+/)) {
    const [, name, value] = /^([a-z]+):(.+)$/.exec(word) ?? []
    const by = usageDimension.safeParse(value)
    const filter = filters.find((one) => one === name)
    if (value === undefined) return undefined
    if (filter !== undefined) only[filter] = value
    else if (name === 'by' && by.success) question.by = by.data
    else if (name === 'since' && /^(today|\d{1,5}[mhdw]|\d{4}-\d\d-\d\d)$/.test(value)) question.since = value
    else return undefined
  }
  return { ...question, only }
}

/** `timeZone` is the daemon's, whose days the answer counts in. */
export function queryFor(
  question: Question,
  now: number,
  timeZone: string,
): { from?: string; group_by: UsageDimension } & Partial<Record<Filter, string>> {
  const by = { ...question.only, group_by: question.by }
  if (question.since === null) return by
  return { ...by, from: question.since === 'today' ? dateOf(now, timeZone) : question.since }
}

/** The calendar date as the API writes it. */
function dateOf(now: number, timeZone: string): string {
  // Swedish writes dates as ISO 8601 does
  return new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(now)
}

export function titleOf(question: Question, reply: UsageReply): string {
  const { total } = reply
  const calls = total.requests === 1 ? '1 call' : `${total.requests} calls`
  return line(
    question.label + (reply.simulated ? ' (sandbox)' : ''),
    calls,
    `${tokens(total.tokens)} tokens`,
    billedText(total),
  )
}

export function answerRows(reply: UsageReply): PickRow[] {
  return reply.groups.map(({ key, totals }) => ({
    kind: 'row',
    label: plainLabel(key.join(' · ')) || '(none)',
    description: line(billedText(totals), `${tokens(totals.tokens)} tokens`),
    detail: totalsDetail(totals),
  }))
}

/** What Copy puts on the clipboard: one line that can be pasted into a message. */
export function copyText(question: Question, row: PickRow): string {
  return row.kind === 'separator' ? row.label : `${question.label}: ${line(row.label, row.description, row.detail)}`
}
