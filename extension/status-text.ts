/** The status bar item's text, background and spoken label for every state; pure, so that each is a line of a table. */
import type { Headline, LimitRow, WindowRow } from '../shared/contract/rows.ts'
import { ago, clockTime, duration, money, nothing, percent, tokens } from '../shared/format.ts'
import type { View } from '../shared/view.ts'
import { plainLabel } from './escape.ts'
import { meterEighths, meterIcon } from './ids.ts'
import type { Link } from './link.ts'
import { longWindowName } from './window-name.ts'

export type StatusInput = {
  link: Link
  view: View
  /** Epoch ms. */
  now: number
  /** In which clock times are said; an IANA name. */
  timeZone: string
  /** From how many percent on a limit is near. */
  warnAt: number
  colour: boolean
}
/** A background beyond the bar's own only where there is trouble. */
export type StatusShown = { text: string; background: 'warning' | 'error' | null; label: string }

export function statusOf(input: StatusInput): StatusShown {
  const shown = shownFor(input)
  return input.colour ? shown : { ...shown, background: null }
}

function shownFor(input: StatusInput): StatusShown {
  const { link, view } = input
  switch (link.kind) {
    case 'starting':
      return { text: '$(loading~spin) Tollkeeper', background: null, label: 'Tollkeeper, starting' }
    case 'off':
      return { text: `${meterIcon('off')} Tollkeeper off`, background: null, label: 'Tollkeeper daemon is not running' }
    case 'mismatch':
      return link.older === 'daemon'
        ? {
            text: '$(arrow-up) Update Tollkeeper',
            background: 'warning',
            label: 'Tollkeeper daemon is too old for this extension',
          }
        : {
            text: '$(refresh) Reload',
            background: 'warning',
            label: 'Extension is older than the daemon; reload window',
          }
    case 'live':
      return view.standing === null
        ? { text: meterIcon(0), background: null, label: 'Tollkeeper, running' }
        : withSource(view.standing.simulated, headlineShown(view.standing.headline, input))
  }
}

function withSource(simulated: boolean, shown: StatusShown): StatusShown {
  if (!simulated) return shown
  return { ...shown, text: `${shown.text} · sandbox`, label: `Simulated calls only: ${shown.label}` }
}

function headlineShown(headline: Headline, input: StatusInput): StatusShown {
  switch (headline.kind) {
    case 'none':
      return { text: meterIcon(0), background: null, label: 'Tollkeeper, running, no calls seen yet' }
    case 'spend': {
      // what no price is known for is in the tokens but not in the money
      const more = headline.unpriced_requests > 0
      const spent = `${tokens(headline.tokens)} tok · ${money(headline.billed_usd)}${more ? '+' : ''} today`
      const said = `${headline.tokens} tokens and ${more ? 'at least ' : ''}${money(headline.billed_usd)} today`
      return { text: `${meterIcon(0)} ${spent}`, background: null, label: `${headline.account_label}, ${said}` }
    }
    case 'window':
      return windowShown(headline, input)
  }
}

function windowShown(headline: Extract<Headline, { kind: 'window' }>, input: StatusInput): StatusShown {
  const { window, account_label, stale } = headline
  const share = window.used_pct
  const name = `${plainLabel(window.name)} ${shareText(window)}`
  const who = `${account_label}, ${longWindowName(window.name)}`
  const resets = window.resets_at === null ? '' : `, resets ${clockTime(window.resets_at, input.now, input.timeZone)}`
  const left = leftOf(window, input.now)
  const measured = `, ${measuredAgo(window, input.now)}`

  if (isOverPlan(window, limitOf(headline, input.view.limits))) {
    const over = share !== null && share > 100 ? `${spoken(percent(share - 100))} over plan` : 'over plan'
    const said = `${who} ${spoken(shareText(window))} used, ${over}, extra usage is billed${resets}`
    return { text: `${meterIcon(meterEighths)} ${name}`, background: 'warning', label: said }
  }
  if (window.status === 'rejected') {
    const text = `${meterIcon(meterEighths)} Limit${left}`
    return { text, background: 'error', label: `${who} reached${resets}` }
  }
  const used = share === null ? `${who}, share not stated` : `${who} ${spoken(shareText(window))} used`
  if (stale) {
    const at = clockTime(window.measured_at, input.now, input.timeZone)
    return { text: `$(history) ${name}`, background: null, label: `${used} as of ${at}, not confirmed since` }
  }
  const icon = meterIcon(eighthsOf(share ?? 0))
  if (share !== null && share >= input.warnAt) {
    return { text: `${icon} ${name}${left}`, background: 'warning', label: `${used}${resets}${measured}` }
  }
  return { text: `${icon} ${name}`, background: null, label: `${used}${resets}${measured}` }
}

export function shareText(window: WindowRow): string {
  return window.used_pct === null ? nothing : percent(window.used_pct)
}

function spoken(share: string): string {
  return share.replace('<', 'less than ').replace('>', 'more than ').replace('%', ' percent')
}

/** The nearest eighth; only what is used up fills the ring. */
export function eighthsOf(percentUsed: number): number {
  if (percentUsed >= 100) return meterEighths
  return Math.min(meterEighths - 1, Math.max(0, Math.round((percentUsed * meterEighths) / 100)))
}

/** How the share came to be known: by a reply, or by the clock alone. */
export function measuredAgo(window: WindowRow, now: number): string {
  if (!window.confirmed) return 'not confirmed since the reset'
  // by the minute: each new text is sent to the window and may be read out
  const isFresh = now - Date.parse(window.measured_at) < 60_000
  return isFresh ? 'measured just now' : `measured ${ago(window.measured_at, now)}`
}

function leftOf(window: WindowRow, now: number): string {
  if (window.resets_at === null) return ''
  const ms = Date.parse(window.resets_at) - now
  return ms > 0 ? ` · ${duration(ms)}` : ''
}

function limitOf(headline: Extract<Headline, { kind: 'window' }>, limits: readonly LimitRow[]): LimitRow | undefined {
  const rows = limits.filter((row) => row.provider === headline.provider && row.account === headline.account)
  // limits of single models stand in rows of their own
  return rows.find((row) => row.windows.some((window) => window.name === headline.window.name)) ?? rows[0]
}

/** Calls go on beyond the plan and are paid for. */
export function isOverPlan(window: WindowRow, limit: LimitRow | undefined): boolean {
  if (window.used_pct !== null && window.used_pct > 100) return true
  return limit?.overage_in_use === true && (window.status === 'rejected' || (window.used_pct ?? 0) >= 100)
}
