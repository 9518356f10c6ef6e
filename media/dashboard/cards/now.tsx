/** What is left: every window of every account with its share used, its reset, and how we know. */
import { useState } from 'preact/hooks'
import type { LimitRow, WindowRow } from '../../../shared/contract/rows.ts'
import { avoidedText } from '../../../shared/refusal-text.ts'
import { Bar, Card, Icon, type IconName, Scroll } from '../parts.tsx'
import {
  agoText,
  barSentence,
  clockText,
  countText,
  lastsText,
  percentText,
  resetText,
  tokensText,
  windowText,
} from '../text.ts'
import type { Shown } from './card.ts'

/** As many as stand there before somebody asks for all. */
const few = 5

export function Now(shown: Shown) {
  const [all, setAll] = useState(false)
  const known = limitsInOrder(shown.view.limits)
  const limits = all ? known : known.slice(0, few)
  return (
    <Card id="now" title="Limits now">
      {limits.length === 0 ? (
        <p class="quiet">No provider has stated a limit yet. Limits are read from the replies that pass through.</p>
      ) : (
        <Scroll label="Limits now">
          <table class="limits stack">
            <caption class="said">
              Limits by account: share used, what is left, pace, reset, and how old the reading is; the mark in a bar is
              how much of its time has passed
            </caption>
            <thead>
              <tr>
                <th scope="col">Window</th>
                <th scope="col">Used</th>
                <th scope="col">Resets</th>
                <th scope="col">Measured</th>
              </tr>
            </thead>
            {limits.map((limit) => (
              <Account key={`${limit.provider} ${limit.account} ${limit.model}`} limit={limit} shown={shown} />
            ))}
          </table>
        </Scroll>
      )}
      {known.length > few && (
        <p class="note">
          <button type="button" class="link" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? 'Show fewer' : `Show all ${countText(known.length)}`}
          </button>
        </p>
      )}
    </Card>
  )
}

/** What says nothing any more, as its time has passed since it was read, comes last: a minute's limits of a key mostly do. */
function limitsInOrder(limits: readonly LimitRow[]): LimitRow[] {
  const says = (limit: LimitRow) => limit.cooldown !== null || limit.windows.some((window) => window.confirmed)
  const shown = limits.filter((limit) => limit.windows.length > 0 || limit.cooldown !== null)
  return [...shown.filter(says), ...shown.filter((limit) => !says(limit))]
}

function Account({ limit, shown }: { limit: LimitRow; shown: Shown }) {
  const avoided = avoidedText(limit, shown.now, shown.timeZone)
  return (
    <tbody>
      <tr class="account">
        <th scope="rowgroup" colSpan={4}>
          {limit.account_label}
          <small>
            {limit.provider}
            {limit.model !== null && `, ${limit.model}`}
            {limit.overage_in_use && <span class="is-over">, extra usage is being billed</span>}
          </small>
          {avoided !== '' && (
            <small class="with-icon is-bad" title={limit.cooldown?.reason}>
              <Icon name="cut" />
              {avoided}
            </small>
          )}
        </th>
      </tr>
      {limit.windows.map((window) => (
        <Window key={window.name} window={window} binds={binds(limit, window, shown)} shown={shown} />
      ))}
    </tbody>
  )
}

function Window({ window, binds, shown }: { window: WindowRow; binds: boolean; shown: Shown }) {
  const state = stateOf(window)
  const lasts = lastsText(window, shown.now, shown.timeZone)
  return (
    <tr>
      <th scope="row">
        {windowText(window.name)}
        {binds && <small>counts now</small>}
      </th>
      <td class="used full">
        <span class="row">
          <b>{window.used_pct === null ? '–' : percentText(window.used_pct)}</b>
          {state.words && (
            <span class={`with-icon is-${state.tone}`}>
              <Icon name={state.icon} />
              {state.words}
            </span>
          )}
          {!state.words && <span class="quiet">{leftText(window)}</span>}
        </span>
        <Bar
          part={window.used_pct ?? 0}
          whole={100}
          tick={window.elapsed_pct}
          label={barSentence(window, shown.now, shown.timeZone)}
          class={window.confirmed ? `fill-${state.tone}` : 'unconfirmed'}
        />
        {lasts !== '' && <small>{lasts}</small>}
      </td>
      <td data-name="Resets" class="when">
        {window.resets_at === null ? '–' : resetText(window.resets_at, shown.now)}
        {window.resets_at !== null && <small>{clockText(window.resets_at, shown.now, shown.timeZone)}</small>}
      </td>
      <td data-name="Measured" class="when quiet">
        {agoText(window.measured_at, shown.now)}
        <small>from {sourceText(window.source)}</small>
      </td>
    </tr>
  )
}

function binds(limit: LimitRow, window: WindowRow, { standing }: Shown): boolean {
  const { headline } = standing
  return (
    headline.kind === 'window' &&
    headline.provider === limit.provider &&
    headline.account === limit.account &&
    headline.window.name === window.name
  )
}

type State = { tone: 'plain' | 'near' | 'over' | 'bad'; icon: IconName; words: string | null }

function stateOf(window: WindowRow): State {
  if (!window.confirmed) return { tone: 'plain', icon: 'clock', words: 'not confirmed' }
  if (window.status === 'rejected') return { tone: 'bad', icon: 'cross', words: 'limit reached' }
  const used = window.used_pct ?? 0
  if (used > 100) return { tone: 'over', icon: 'alert', words: 'over the plan' }
  if (used >= 90) return { tone: 'near', icon: 'alert', words: 'nearly used' }
  return { tone: 'plain', icon: 'check', words: null }
}

function leftText(window: WindowRow): string {
  if (window.remaining === null) return ''
  const left = `${tokensText(window.remaining)} left`
  return window.limit === null ? left : `${left} of ${tokensText(window.limit)}`
}

/** Which part of a reply said it, or that none did. */
function sourceText(source: string): string {
  if (source === 'header') return 'headers'
  if (source === 'counted') return 'our own count'
  return source === 'event' ? 'events' : source
}
