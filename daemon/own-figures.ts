/** What the daemon costs and where it stands itself, as one list of figures, for whoever shows them; and the look that warns of them. */
import type { Gauge } from '../shared/contract/gauge.ts'
import type { Alerts } from './alerts.ts'
import type { Feed } from './feed/feed.ts'
import type { OpenedLog } from './log.ts'
import { type Lag, openLoopLag } from './loop-lag.ts'
import { openOwnWarnings } from './own-warnings.ts'
import type { ProviderLimits } from './proxy/provider-limits.ts'
import type { Proxy } from './proxy/proxy.ts'
import type { Book } from './store/book.ts'
import type { Warnings } from './warnings.ts'

/** `name` without a prefix, in snake_case, its unit at the end; what `counts` up does so from this start on, and ends in `_total`. */
export type Figure = Pick<Gauge, 'name' | 'help' | 'value' | 'counts'>

export type OwnState = {
  lag: Lag
  /** Calls that stand in line for a limit of the user's own. */
  inLine: number
  heldBodyBytes: number
  feed: { clients: number; cut: { slow: number; silent: number } }
  webhooksWaiting: number
  log: { lost: number; leftOut: number }
}

/** THE list, but for what `/metrics` reads where it is kept: the journal, the process, what runs, warnings. */
export function figuresOf(own: OwnState): Figure[] {
  const { lag, feed, log } = own
  const rows: [name: string, help: string, value: number][] = [
    [
      'event_loop_lag_p50_seconds',
      'How long what is due waits for the event loop, half of the time, in the last half minute.',
      lag.p50,
    ],
    ['event_loop_lag_p99_seconds', 'The same, 99 of 100 times.', lag.p99],
    ['event_loop_lag_max_seconds', 'The same, the longest.', lag.max],
    ['calls_in_line', 'Calls that wait for room in a limit of the user on a provider.', own.inLine],
    ['held_body_bytes', 'Request bodies held in memory.', own.heldBodyBytes],
    ['feed_clients', 'Listeners to the feed.', feed.clients],
    ['webhook_deliveries_waiting', 'Alerts that a webhook has not heard of yet.', own.webhooksWaiting],
  ]
  const sinceStart: typeof rows = [
    ['feed_clients_cut_slow_total', 'Listeners that were cut since the start as they read too slowly.', feed.cut.slow],
    [
      'feed_clients_cut_silent_total',
      'Listeners that were cut since the start as they gave no sign of life.',
      feed.cut.silent,
    ],
    ['log_lines_lost_total', 'Lines of the log since the start that the disk did not take.', log.lost],
    [
      'log_lines_left_out_total',
      'Lines of the log since the start that were equal to others, and only counted.',
      log.leftOut,
    ],
  ]
  return [
    ...rows.map(([name, help, value]): Figure => ({ name, help, value })),
    ...sinceStart.map(([name, help, value]): Figure => ({ name, help, value, counts: true })),
  ]
}

export type OwnFigures = { figures(): Figure[]; close(): void }

const lookEveryMs = 30_000

export type OwnDeps = {
  home: string
  book: Pick<Book, 'figures'>
  proxy: Pick<Proxy, 'held'>
  limits: Pick<ProviderLimits, 'waiting'>
  feed: Pick<Feed, 'clients' | 'cut'>
  alerts: Pick<Alerts, 'waiting'>
  warnings: Pick<Warnings, 'raise' | 'clear'>
  log: Pick<OpenedLog, 'figures'>
}

/** Keeps no process alive. */
export function openOwnFigures(deps: OwnDeps): OwnFigures {
  const { book, proxy, limits, feed, alerts, warnings, log } = deps
  const lag = openLoopLag()
  const look = openOwnWarnings(warnings, deps.home)
  const timer = setInterval(
    () => look({ lag: lag.turn(), backlog: book.figures().backlog, feedsCut: feed.cut().slow }),
    lookEveryMs,
  ).unref()
  return {
    figures: () =>
      figuresOf({
        lag: lag.now(),
        inLine: limits.waiting(),
        heldBodyBytes: proxy.held(),
        feed: { clients: feed.clients(), cut: feed.cut() },
        webhooksWaiting: alerts.waiting(),
        log: log.figures(),
      }),
    close() {
      clearInterval(timer)
      lag.close()
    },
  }
}
