/** A view as it stands at a given now: what resets or ends by the clock alone, as the daemon would tell it then; pure. */
import type { Headline, HeadlineState, LimitRow, WindowRow } from './contract/rows.ts'
import type { View } from './view.ts'
import { type Dated, isForgotten, isReset } from './window-end.ts'

/** The same view where nothing has ended. `now` in epoch ms. */
export function viewAt(view: View, now: number): View {
  const limits = view.limits.map((limit) => limitAt(limit, now)).filter((limit) => limit !== undefined)
  const headline = view.standing && headlineAt(view.standing.headline, now)
  const isSame =
    limits.length === view.limits.length &&
    limits.every((limit, at) => limit === view.limits[at]) &&
    headline === (view.standing && view.standing.headline)
  if (isSame) return view
  return { ...view, limits, standing: view.standing && headline && { ...view.standing, headline } }
}

/** When something in the view ends next by the clock alone, of what ends after `since`; both in epoch ms. null: nothing does. */
export function nextEndOf({ limits, budgets, standing }: View, since: number): number | null {
  const headline = standing === null || standing.headline.kind === 'none' ? null : standing.headline
  const ends = [
    ...limits.flatMap(({ windows, cooldown }) => [...windows.map((one) => one.resets_at), cooldown?.until ?? null]),
    ...budgets.map((budget) => budget.ends_at),
    headline?.refused?.until ?? null,
    headline?.kind === 'window' ? headline.window.resets_at : null,
  ]
  const later = ends.filter((end) => end !== null).flatMap((end) => (Date.parse(end) > since ? [Date.parse(end)] : []))
  return later.length === 0 ? null : Math.min(...later)
}

/** undefined: nothing of it holds any more. */
function limitAt(limit: LimitRow, now: number): LimitRow | undefined {
  const windows = limit.windows.filter((row) => !isForgotten(datedOf(row), now)).map((row) => windowAt(row, now))
  const cooldown = isOver(limit.cooldown?.until, now) ? null : limit.cooldown
  const isSame =
    cooldown === limit.cooldown &&
    windows.length === limit.windows.length &&
    windows.every((row, at) => row === limit.windows[at])
  if (isSame) return limit
  return windows.length === 0 && cooldown === null ? undefined : { ...limit, windows, cooldown }
}

function windowAt(row: WindowRow, now: number): WindowRow {
  if (!isReset(datedOf(row), now)) return row
  const unused = { ...row, used_pct: 0, remaining: row.limit, resets_at: null, status: null }
  const noPace = { elapsed_pct: null, pace_pct: null, runs_out_at: null }
  // what the daemon counts itself needs no reply that confirms it
  const confirmed = row.source === 'counted'
  return {
    ...unused,
    ...noPace,
    confirmed,
    measured_at: confirmed ? (row.resets_at ?? row.measured_at) : row.measured_at,
  }
}

/** What was said of the window alone. */
const ofWindow: readonly HeadlineState[] = ['near', 'fast-pace', 'overage']

/** Which limit binds then is the daemon's to say; until it does, the one that did is shown as it stands. */
function headlineAt(headline: Headline, now: number): Headline {
  if (headline.kind !== 'window') return headline
  const window = windowAt(headline.window, now)
  if (window === headline.window) return headline
  const { state, refused } = headline
  // a refusal has an end of its own
  const isEnded = ofWindow.includes(state) || (state === 'limit' && refused === null)
  return { ...headline, window, state: isEnded ? 'ok' : state }
}

function isOver(until: string | undefined, now: number): boolean {
  return until !== undefined && Date.parse(until) <= now
}

function datedOf({ source, resets_at, measured_at }: WindowRow): Dated {
  return { source, resetsAt: resets_at === null ? null : Date.parse(resets_at), measuredAt: Date.parse(measured_at) }
}
