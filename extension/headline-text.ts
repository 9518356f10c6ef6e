/** The status bar item's text, background and spoken label for the headline, each of its states as the clock has it now; pure. */

import { spentShort, spentSpoken, stopName } from '../shared/budget-text.ts'
import type { RefusalKind } from '../shared/contract/refusal.ts'
import type { Headline, HeadlineBudget, HeadlineState } from '../shared/contract/rows.ts'
import { clockTime, countdown, money, percent, showsSeconds, tokens } from '../shared/format.ts'
import { refusalText } from '../shared/refusal-text.ts'
import { plainLabel } from './escape.ts'
import { meterEighths, meterIcon } from './ids.ts'
import { spokenShare, spokenSpan } from './spoken.ts'
import type { StatusInput, StatusShown } from './status-text.ts'
import { longWindowName } from './window-name.ts'
import { eighthsOf, measuredAgo, shareText } from './window-text.ts'

type StatedHeadline = Exclude<Headline, { kind: 'none' }>

export function headlineShown(headline: Headline, input: StatusInput): StatusShown {
  if (headline.kind === 'none') {
    return { text: meterIcon(0), background: null, label: 'Tollkeeper, running, no calls seen yet' }
  }
  const share = headline.kind === 'window' ? headline.window.used_pct : null
  const state = stateNow(headline, input)
  switch (state) {
    case 'budget-stop':
    case 'budget-passed':
      return headline.budget === null ? plainShown(headline, input) : budgetShown(state, headline.budget)
    case 'limit':
      return limitShown(headline, input)
    case 'throttled': {
      const wait = countdown(msUntil(headline.refused?.until ?? null, input.now))
      return {
        text: `${meterIcon(eighthsOf(share ?? 0))} wait ${wait}`,
        background: null,
        label: `${headline.account_label}, rate limited, retry in ${spokenSpan(wait)}`,
      }
    }
    default:
      return plainShown(headline, input)
  }
}

function plainShown(headline: StatedHeadline, input: StatusInput): StatusShown {
  return headline.kind === 'window' ? windowShown(headline, input) : spendShown(headline)
}

/** What the daemon said may have ended by the clock alone since. */
export function stateNow(
  headline: StatedHeadline,
  { now, warnAt }: Pick<StatusInput, 'now' | 'warnAt'>,
): HeadlineState {
  const { state, refused, budget } = headline
  if (state === 'budget-stop' || state === 'budget-passed') {
    // a new period begins with nothing spent
    if (budget !== null && (budget.ends_at === null || Date.parse(budget.ends_at) > now)) return state
  }
  const isOver = refused !== null && Date.parse(refused.until) <= now
  if ((state === 'limit' || state === 'throttled') && !isOver) return state
  if (headline.kind === 'spend') return 'ok'
  if (state === 'overage' || state === 'stale') return state
  const { used_pct, runs_out_at } = headline.window
  // from where on a limit is near is the user's choice
  if (used_pct !== null && used_pct >= warnAt) return 'near'
  return runs_out_at !== null && Date.parse(runs_out_at) > now ? 'fast-pace' : 'ok'
}

/** While a countdown shows seconds, each of them is drawn. */
export function countsSeconds(headline: Headline, input: Pick<StatusInput, 'now' | 'warnAt'>): boolean {
  if (headline.kind === 'none') return false
  const state = stateNow(headline, input)
  const { refused } = headline
  const near = state === 'near' && headline.kind === 'window' ? headline.window.resets_at : null
  const end = state === 'limit' || state === 'throttled' ? (refused?.until ?? null) : near
  return end !== null && Date.parse(end) > input.now && showsSeconds(Date.parse(end) - input.now)
}

function budgetShown(state: 'budget-stop' | 'budget-passed', budget: HeadlineBudget): StatusShown {
  const { label } = budget
  return state === 'budget-stop'
    ? {
        text: `${meterIcon(meterEighths)} Budget stop`,
        background: 'error',
        label: `${stopName(label)} is active, calls are being refused`,
      }
    : {
        text: `${meterIcon(meterEighths)} ${spentShort(budget)}`,
        background: 'warning',
        label: `${label} passed: ${spentSpoken(budget)}`,
      }
}

/** Refused by a window, or by a cooldown, whose kind says for what. */
function limitShown(headline: StatedHeadline, { now, timeZone }: StatusInput): StatusShown {
  const { refused } = headline
  const isOfWindow = headline.kind === 'window' && (refused === null || refused.until === headline.window.resets_at)
  const what = isOfWindow ? `${longWindowName(headline.window.name)} reached` : refusalText[refused?.refusal ?? 'plan']
  const who = `${headline.account_label}, ${what}`
  const resets = refused === null ? '' : `, ${resumes(refused.refusal)} ${clockTime(refused.until, now, timeZone)}`
  const left = msUntil(refused?.until ?? null, now)
  return { text: `${meterIcon(meterEighths)} Limit${leftText(left)}`, background: 'error', label: `${who}${resets}` }
}

/** Waiting brings no money back: the next call just finds out. */
export function resumes(refusal: RefusalKind): string {
  return refusal === 'money' ? 'avoided until' : 'resets'
}

function spendShown(headline: Extract<Headline, { kind: 'spend' }>): StatusShown {
  // what no price is known for is in the tokens but not in the money
  const more = headline.unpriced_requests > 0
  const spent = `${tokens(headline.tokens)} tok · ${money(headline.billed_usd)}${more ? '+' : ''} today`
  const said = `${headline.tokens} tokens and ${more ? 'at least ' : ''}${money(headline.billed_usd)} today`
  return { text: `${meterIcon(0)} ${spent}`, background: null, label: `${headline.account_label}, ${said}` }
}

function windowShown(headline: Extract<Headline, { kind: 'window' }>, input: StatusInput): StatusShown {
  const { window, account_label } = headline
  const { now, timeZone } = input
  const share = window.used_pct
  const name = `${plainLabel(window.name)} ${shareText(window)}`
  const who = `${account_label}, ${longWindowName(window.name)}`
  const used = share === null ? `${who}, share not stated` : `${who} ${spokenShare(shareText(window))} used`
  const resets = window.resets_at === null ? '' : `, resets ${clockTime(window.resets_at, now, timeZone)}`
  const measured = `, ${measuredAgo(window, now)}`
  const icon = meterIcon(eighthsOf(share ?? 0))

  switch (stateNow(headline, input)) {
    case 'overage': {
      const over = share !== null && share > 100 ? `${spokenShare(percent(share - 100))} over plan` : 'over plan'
      const label = `${used}, ${over}, extra usage is billed${resets}`
      return { text: `${meterIcon(meterEighths)} ${name}`, background: 'warning', label }
    }
    case 'stale': {
      const label = `${used} as of ${clockTime(window.measured_at, now, timeZone)}, not confirmed since`
      return { text: `$(history) ${name}`, background: null, label }
    }
    case 'near': {
      const left = msUntil(window.resets_at, now)
      const resetsIn = left === 0 ? resets : `, resets in ${spokenSpan(countdown(left))}`
      return { text: `${icon} ${name}${leftText(left)}`, background: 'warning', label: `${used}${resetsIn}${measured}` }
    }
    case 'fast-pace': {
      const out = clockTime(window.runs_out_at ?? now, now, timeZone)
      const label = `${used}, at this pace runs out at ${out}${resets}${measured}`
      return { text: `${icon} ${name} out ${out}`, background: null, label }
    }
    default:
      return { text: `${icon} ${name}`, background: null, label: `${used}${resets}${measured}` }
  }
}

function leftText(ms: number): string {
  return ms === 0 ? '' : ` · ${countdown(ms)}`
}

/** 0 where it has passed, or no time is known. */
function msUntil(at: string | null, now: number): number {
  return at === null ? 0 : Math.max(0, Date.parse(at) - now)
}
