/** Reads single values of limit headers. Each answers null for what it cannot read, and none throws. */

/** A wall clock beyond this is a fault of the sender: 400 days, past any provider's window. */
const farthestMs = 400 * 86_400_000

/** A number of calls or tokens, or a share. */
export function amount(text: string | undefined): number | null {
  if (text === undefined || !/^\s*\d{1,15}(\.\d{1,15})?\s*$/.test(text)) return null
  return Number(text)
}

const unitMs: Record<string, number> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7 }

/** `6m23.4s`, `300ms`, `1h0m0s`, or bare seconds; in milliseconds, rounded up so that nobody comes back too early. */
export function durationMs(text: string | undefined): number | null {
  const bare = amount(text)
  if (bare !== null) return withinReach(bare * 1000)
  const whole = text?.trim() ?? ''
  if (!/^(\d{1,12}(\.\d{1,12})?(ns|us|µs|ms|s|m|h|d)){1,8}$/.test(whole)) return null
  let sum = 0
  for (const [, number, unit = ''] of whole.matchAll(/([\d.]+)([a-zµ]+)/g)) sum += Number(number) * (unitMs[unit] ?? 0)
  return withinReach(sum)
}

/** Whole milliseconds; null: no wait of anyone is that long. */
export function withinReach(ms: number): number | null {
  // A float a hair above a whole number must not become the next one.
  return ms <= farthestMs ? Math.max(0, Math.ceil(ms - 1e-6)) : null
}

/** Epoch seconds, or milliseconds where they are too large for seconds. */
export function epochInstant(text: string | undefined, at: number): number | null {
  const number = amount(text)
  return number === null ? null : epochNumber(number, at)
}

export function epochNumber(number: number, at: number): number | null {
  return nearNow(Math.round(number < 1e11 ? number * 1000 : number), at)
}

const rfc3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/

function rfc3339Instant(text: string | undefined, at: number): number | null {
  const trimmed = text?.trim() ?? ''
  // Date.parse alone takes far more than a date.
  if (!rfc3339.test(trimmed)) return null
  return nearNow(Date.parse(trimmed.replace(' ', 'T').toUpperCase()), at)
}

/** All three forms of RFC 9110 §5.6.7. */
const httpDate =
  /^(\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT|\w{6,9}, \d\d-\w{3}-\d\d \d\d:\d\d:\d\d GMT|\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})$/

export function httpDateInstant(text: string | undefined, at: number): number | null {
  const trimmed = text?.trim() ?? ''
  if (!httpDate.test(trimmed)) return null
  return nearNow(Date.parse(trimmed.endsWith('GMT') ? trimmed : `${trimmed} GMT`), at)
}

/** A duration or bare seconds, a date, or an instant since the epoch: each family has its own, and none can be taken for another. */
export function resetInstant(text: string | undefined, at: number): number | null {
  const wait = durationMs(text)
  if (wait !== null) return at + wait
  return rfc3339Instant(text, at) ?? httpDateInstant(text, at) ?? epochInstant(text, at)
}

function nearNow(instant: number, at: number): number | null {
  return Number.isSafeInteger(instant) && Math.abs(instant - at) <= farthestMs ? instant : null
}
