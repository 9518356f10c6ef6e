/** When a webhook that did not take an alert is told again, and how long that goes on. */
const second = 1000
const minute = 60 * second
const hour = 60 * minute

const waits = [10 * second, minute, 5 * minute, 30 * minute, 2 * hour]
const longest = 4 * hour

/** What happened so long ago is no news any more. */
export const givenUpAfterMs = 24 * hour

/** `tries`: those that failed before this one. `chance` from 0 to 1 moves it by a fifth, so that receivers are not met by all at once. */
export function waitMs(tries: number, chance: number): number {
  return Math.round((waits[tries] ?? longest) * (0.8 + 0.4 * chance))
}
