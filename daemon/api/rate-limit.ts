/** How often in a minute each who asks may do so, on the rows of the table that say so; a window of an editor counts by itself. */
import type { Principal } from './principal.ts'
import { type Problem, problem } from './problem.ts'

const minuteMs = 60_000
/** Counted by themselves in one minute, of one who asks; further ones share a count. */
const mostWindows = 16
const mostAsking = 1000
const longestWindow = 100

/** What every answer of a limited row says, and the no where the minute's allowance is used up. */
type Taken = { headers: Record<string, string>; no: Problem | undefined }

export type RateLimit = {
  take(principal: Pick<Principal, 'kind' | 'id'> | undefined, window: string | undefined): Taken
}

/** It begins with the first request and ends 60 s later, whatever came meanwhile. `from` in epoch ms. */
type Minute = { from: number; used: number }

/** `perMinute` is read at each request. `now` in epoch ms; after a jump of the clock a new minute begins at the latest with it. */
export function openRateLimit(options: { perMinute(): number; now(): number }): RateLimit {
  const asking = new Map<string, Map<string, Minute>>()

  const minuteOf = (who: string, window: string, now: number): Minute => {
    const isOver = ({ from }: Minute) => now < from || now >= from + minuteMs
    const theirs = roomIn(asking, who, mostAsking, (minutes) => [...minutes.values()].every(isOver))
    const minutes = asking.get(theirs) ?? new Map<string, Minute>()
    asking.set(theirs, minutes)
    const counted = roomIn(minutes, window, mostWindows, isOver)
    const found = minutes.get(counted)
    if (found && !isOver(found)) return found
    const begun = { from: now, used: 0 }
    minutes.set(counted, begun)
    return begun
  }

  return {
    take(principal, window = '') {
      const limit = options.perMinute()
      const now = options.now()
      const who = principal ? `${principal.kind} ${principal.id}` : ''
      const minute = minuteOf(who, window.slice(0, longestWindow), now)
      const isOver = minute.used >= limit
      if (!isOver) minute.used += 1
      const resetAt = minute.from + minuteMs
      const left = Math.max(0, limit - minute.used)
      const seconds = Math.ceil((resetAt - now) / 1000)
      return { headers: headersOf(limit, left, seconds, resetAt), no: isOver ? tooOften(limit, seconds) : undefined }
    },
  }
}

/** `RateLimit` and its policy as in draft-ietf-httpapi-ratelimit-headers-10; the older names beside them. */
function headersOf(limit: number, left: number, seconds: number, resetAt: number): Record<string, string> {
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(left),
    'x-ratelimit-reset': String(Math.ceil(resetAt / 1000)),
    'ratelimit-policy': `"minute";q=${limit};w=60`,
    ratelimit: `"minute";r=${left};t=${seconds}`,
  }
}

function tooOften(limit: number, seconds: number): Problem {
  const detail = `Maximum ${limit} requests per minute exceeded. Try again in ${seconds} seconds.`
  return problem('rate_limited', detail, { title: 'Rate Limit Exceeded', retryAfter: seconds })
}

/** The name to count under: its own, or where as many are counted already, and none is old, the one that all others share. */
function roomIn<V>(map: Map<string, V>, name: string, most: number, isOld: (value: V) => boolean): string {
  if (map.has(name) || map.size < most) return name
  for (const [known, value] of map) if (isOld(value)) map.delete(known)
  return map.size < most ? name : ''
}
