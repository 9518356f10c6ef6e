/** Warns where the daemon itself is what keeps calls waiting, or falls behind: of its own figures, as they are looked at. */
import type { Warn } from '../shared/contract/log.ts'
import type { Lag } from './loop-lag.ts'

/** `backlog`: lines that wait for the disk. `feedsCut`: listeners that read too slowly, since the start. */
export type Look = { lag: Lag; backlog: number; feedsCut: number }

/** Seconds. What is longer than `asleep` was a machine that slept, or a process that was stopped. */
const blocked = { p99: 0.2, max: 1, asleep: 30 }
/** Of the 10,000 at which the oldest are added up. */
const behind = { from: 1000, until: 100 }
const cut = { atLeast: 3 }
/** A warning of the loop or the feed stands until so many looks in a row found nothing. */
const looksBack = 10

const texts = {
  loop: 'The daemon was so busy, or this machine so short of time for it, that calls waited for a second or more. See what else runs here. If it goes on with nothing else running, report it with the log.',
  journal: `More than ${behind.from} lines of the history wait for the disk. At 10,000 the oldest are added up, and single calls among them are gone. Make room on the disk, or look at why it is slow.`,
  feed: 'Several listeners to the feed were cut within five minutes, as they read too slowly. Each comes back to a fresh summary; the log names them. Close the window or the program that hangs.',
} as const

/** `home` is what the warning of the history is about. Answers what is to be called at each look, two a minute. */
export function openOwnWarnings(warn: Warn, home: string): (look: Look) => void {
  let calm = looksBack
  let cuts: number[] = []

  function lookAtLoop({ p99, max }: Lag): void {
    if (max > blocked.asleep) return
    if (p99 >= blocked.p99 || max >= blocked.max) {
      calm = 0
      warn.raise('loop-blocked', 'event loop', texts.loop)
    } else if (++calm === looksBack) warn.clear('loop-blocked', 'event loop')
  }

  function lookAtFeeds(feedsCut: number): void {
    cuts = [...cuts.slice(-looksBack), feedsCut]
    const lately = feedsCut - (cuts[0] ?? 0)
    if (lately >= cut.atLeast) warn.raise('feeds-cut', 'feed', texts.feed)
    else if (lately === 0) warn.clear('feeds-cut', 'feed')
  }

  return ({ lag, backlog, feedsCut }) => {
    lookAtLoop(lag)
    lookAtFeeds(feedsCut)
    if (backlog >= behind.from) warn.raise('journal-behind', home, texts.journal)
    else if (backlog <= behind.until) warn.clear('journal-behind', home)
  }
}
