/** How long calls took, as counts by steps of 10 %: any percentile within 5 %, and whole numbers, so that no order of adding changes one. */
import type { AttemptEnded } from '../../shared/contract/event.ts'

/**
 * `count * 512 + code` for each step that was seen, some more than once, in no order. A code is a step of the latency, or 256 and one
 * of the time to the first token. Few calls make few steps, and there is a list for each row of each day.
 */
export type Times = number[]

/** For whoever has none. Never changed. */
export const noTimes: Times = []

export const codes = 512
const firstTokens = 256

/** A step's end is 1.1 times its beginning: what is said to lie in its middle is off by 4.8 % at most. From 0.1 ms to 42 days. */
const growth = 1.1
const logGrowth = Math.log(growth)
const leastMs = 0.1

function stepOf(ms: number): number {
  if (!(ms > leastMs)) return 0
  return Math.min(firstTokens - 1, Math.ceil(Math.log(ms / leastMs) / logGrowth))
}

/** Milliseconds, the middle of a step as relative errors go. */
function msOf(step: number): number {
  return (leastMs * 2 * growth ** step) / (growth + 1)
}

/**
 * Of a call that ended well and came through here. One that failed may have failed at once, a client that left tells when it left,
 * and a log that was imported says nothing of it. First tokens are those of streams: what comes whole has no first one.
 */
export function timesOf(e: AttemptEnded): Times {
  if (!e.last || e.outcome !== 'ok' || e.imported !== undefined) return noTimes
  const latency = codes + stepOf(e.latencyMs)
  return e.stream && e.ttftMs !== null ? [latency, codes + firstTokens + stepOf(e.ttftMs)] : [latency]
}

export function codeOf(item: number): number {
  return item & (codes - 1)
}

/** As many items as make a list be packed: more than there are steps in use, so that it is seldom. */
const packedAt = 256

/**
 * `times` with `more` in it: the same list, changed, unless it was empty or got long. What comes is put behind, for to look up its
 * place costs several times as much, in a list of few calls as in one of many. `more` stays as it is.
 */
export function addTimes(times: Times, more: Readonly<Times>): Times {
  if (more.length === 0) return times
  if (times.length === 0) return more.slice()
  const room = packedAt - (times.length % packedAt)
  for (let i = 0; i < more.length; i++) times.push(more[i] ?? 0)
  return more.length < room ? times : packed(times)
}

/** Each step once, in their order. */
export function packed(times: Readonly<Times>): Times {
  return joined([times])
}

/** All of several lists, packed. */
export function joined(lists: readonly Readonly<Times>[]): Times {
  const sum = emptySpread()
  for (const times of lists) spread(sum, times)
  return timesIn(sum)
}

/** Many lists added up: a count a code, as quick to add to however many there are. Counts may be below nothing on the way. */
export type Spread = Int32Array

export function emptySpread(): Spread {
  return new Int32Array(codes)
}

/** `sign` -1 takes out. */
export function spread(into: Spread, times: Readonly<Times>, sign: 1 | -1 = 1): void {
  for (const item of times) {
    const code = codeOf(item)
    into[code] = (into[code] ?? 0) + (sign * (item - code)) / codes
  }
}

export function timesIn(spread: Spread): Times {
  const times: Times = []
  for (let code = 0; code < codes; code++) {
    const count = spread[code] ?? 0
    if (count !== 0) times.push(count * codes + code)
  }
  return times
}

/** Milliseconds that half of the calls, and 95 of 100, did not exceed. null: of no call it is known. */
export type Percentiles = { p50: number; p95: number } | null

/** Of all calls of several lists. */
export function percentilesOf(lists: readonly Readonly<Times>[]): { latency: Percentiles; firstToken: Percentiles } {
  const sum = emptySpread()
  for (const times of lists) spread(sum, times)
  return { latency: percentilesFrom(sum, 0), firstToken: percentilesFrom(sum, firstTokens) }
}

function percentilesFrom(sum: Spread, first: number): Percentiles {
  let all = 0
  for (let step = 0; step < firstTokens; step++) all += sum[first + step] ?? 0
  if (all <= 0) return null
  const at = (share: number) => {
    let wanted = Math.ceil(all * share)
    let step = -1
    while (wanted > 0) wanted -= sum[first + ++step] ?? 0
    return Number(msOf(step).toPrecision(4))
  }
  return { p50: at(0.5), p95: at(0.95) }
}
