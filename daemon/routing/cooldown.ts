/** Until when a target is avoided after a refusal: as its provider stated, within reason, else a wait that grows. */
import type { RefusalKind } from '../../shared/contract/refusal.ts'

export type Refusal = {
  kind: RefusalKind
  scope: 'account' | 'model'
  /** Epoch ms as the provider stated it; null: it did not. */
  until: number | null
}
/** The refusal before, without a good answer since. */
export type Before = { strikes: number; setAt: number }

type Waits = {
  /** The first time that nothing is stated. It doubles each time in a row … */
  firstMs: number
  /** … up to this. */
  mostMs: number
  /** What a provider may state. It ends in one call that finds out, so a short one costs little, and a wrong one is not for ever. */
  longestMs: number
}

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const waits: Record<Exclude<RefusalKind, 'request'>, Waits> = {
  // minutes by their meaning; what is said to last longer than an hour is no such limit
  rate: { firstMs: 2 * second, mostMs: 2 * minute, longestMs: hour },
  // a week, the longest window that plans have, and a day for clocks and zones
  plan: { firstMs: 10 * minute, mostMs: hour, longestMs: 8 * day },
  // somebody may pay at any time, and nothing tells us
  money: { firstMs: 15 * minute, mostMs: 6 * hour, longestMs: 6 * hour },
  overload: { firstMs: 2 * second, mostMs: 2 * minute, longestMs: hour },
  // a key that we lend lifts it when it changes; a login that a client renews does not
  credential: { firstMs: 5 * minute, mostMs: hour, longestMs: hour },
  model: { firstMs: 10 * minute, mostMs: hour, longestMs: hour },
  unreachable: { firstMs: 2 * second, mostMs: 2 * minute, longestMs: 2 * minute },
  broken: { firstMs: 2 * second, mostMs: 2 * minute, longestMs: 2 * minute },
}

/** `chance` 0..1 spreads what several daemons do. null: the target is not to blame. */
export function cooldownOf(
  said: Refusal,
  before: Before | undefined,
  at: number,
  chance: number,
): { until: number; scope: Refusal['scope']; strikes: number } | null {
  if (said.kind === 'request') return null
  const its = waits[said.kind]
  const strikes = strikesOf(its, before, at)
  const stated = said.until === null ? 0 : said.until - at
  const wait = stated > 0 ? held(its, stated, strikes) : grown(its, strikes) * spread(chance)
  const scope = said.kind === 'model' ? 'model' : said.scope
  return { until: Math.ceil(at + Math.max(1, wait)), scope, strikes }
}

/** No refusal for long, or one in the future of a clock that was wrong: begins anew. */
function strikesOf({ mostMs }: Waits, before: Before | undefined, at: number): number {
  if (before === undefined || !(before.strikes >= 1)) return 1
  const calm = at - before.setAt
  return calm >= 0 && calm <= Math.max(10 * minute, 2 * mostMs) ? Math.min(Math.floor(before.strikes), 1000) + 1 : 1
}

/** What was stated, and a little more each time that it did not hold: some state the next second, again and again. */
function held({ longestMs }: Waits, stated: number, strikes: number): number {
  const least = strikes > 1 ? grown(waits.rate, strikes - 1) : 0
  return Math.min(longestMs, Math.max(stated, least))
}

function grown({ firstMs, mostMs }: Waits, strikes: number): number {
  return Math.min(mostMs, firstMs * 2 ** (strikes - 1))
}

/** Three quarters to the whole: never beyond the most. */
function spread(chance: number): number {
  return 0.75 + 0.25 * (chance >= 0 && chance <= 1 ? chance : 1)
}
