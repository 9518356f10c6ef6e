/** What stops the calls of the account in use, until when, and what helps; pure. */
import { stopName } from '../shared/budget-text.ts'
import type { HeadlineBudget } from '../shared/contract/rows.ts'
import { clockTime } from '../shared/format.ts'
import { refusalText } from '../shared/refusal-text.ts'
import { resumes, stateNow } from './headline-text.ts'
import type { StatusInput } from './status-text.ts'

/** Texts for people; `until` and `todo` may be empty. */
export type Problem = { icon: 'error' | 'clock'; what: string; until: string; todo: string }

export function problemOf(input: StatusInput): Problem | null {
  const headline = input.view.standing?.headline
  if (input.link.kind !== 'live' || headline === undefined || headline.kind === 'none') return null
  const state = stateNow(headline, input)
  if (state === 'budget-stop' && headline.budget !== null) return stopOf(headline.budget, input)
  if (state !== 'limit' && state !== 'throttled') return null
  const { refused, account_label } = headline
  const refusal = refused?.refusal ?? 'plan'
  // no seconds: a hover that changes under the pointer flickers
  if (state === 'throttled') {
    return { icon: 'clock', what: `${account_label}: rate limited`, until: 'for less than two minutes', todo: '' }
  }
  const until = refused === null ? '' : `${resumes(refusal)} ${clockTime(refused.until, input.now, input.timeZone)}`
  const todo = refusal === 'money' ? 'Add credit or raise the spend limit at the provider.' : ''
  return { icon: 'error', what: `${account_label}: ${refusalText[refusal]}`, until, todo }
}

function stopOf({ label, ends_at }: HeadlineBudget, { now, timeZone }: StatusInput): Problem {
  const until = ends_at === null ? '' : `until ${clockTime(ends_at, now, timeZone)}`
  const todo = 'Raise its limit in config.jsonc, or with "tollkeeper budget set".'
  return { icon: 'error', what: `${stopName(label)}: calls are being refused`, until, todo }
}
