/** What is added up about calls: whole numbers only, so that no order of adding changes a sum. */
import type { AttemptEnded, Folded } from '../../shared/contract/event.ts'
import { noUsage } from '../../shared/contract/usage.ts'
import { isArray, isCount } from './reading.ts'

/** Money in nano-dollars, latency in microseconds. */
export type Sums = {
  requests: number
  failed: number
  attempts: number
  input: number
  cacheRead: number
  cacheWrite5m: number
  cacheWrite1h: number
  output: number
  reasoning: number
  cost: number
  billed: number
  unpriced: number
  estimated: number
  latencyUs: number
}

/** The order of a snapshot's rows. A change of it is a new snapshot format. */
const fields = [
  'requests',
  'failed',
  'attempts',
  'input',
  'cacheRead',
  'cacheWrite5m',
  'cacheWrite1h',
  'output',
  'reasoning',
  'cost',
  'billed',
  'unpriced',
  'estimated',
  'latencyUs',
] as const satisfies readonly (keyof Sums)[]

/** Written out: an object that is spread together is twice as large, and there is one for each row of each day. */
export function emptySums(): Sums {
  return {
    requests: 0,
    failed: 0,
    attempts: 0,
    input: 0,
    cacheRead: 0,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    output: 0,
    reasoning: 0,
    cost: 0,
    billed: 0,
    unpriced: 0,
    estimated: 0,
    latencyUs: 0,
  }
}

/** As `writeSums` has written them, one number after the other. Written out: a loop over names takes several times as long. */
export function sumsFrom(next: () => number): Sums {
  return {
    requests: next(),
    failed: next(),
    attempts: next(),
    input: next(),
    cacheRead: next(),
    cacheWrite5m: next(),
    cacheWrite1h: next(),
    output: next(),
    reasoning: next(),
    cost: next(),
    billed: next(),
    unpriced: next(),
    estimated: next(),
    latencyUs: next(),
  }
}

/** Adds `more` to `sums` in place. */
export function addSums(sums: Sums, more: Readonly<Sums>): void {
  // Written out, as below: it runs ten times a call, and a loop over names or a spread is several times slower.
  sums.requests += more.requests
  sums.failed += more.failed
  sums.attempts += more.attempts
  sums.input += more.input
  sums.cacheRead += more.cacheRead
  sums.cacheWrite5m += more.cacheWrite5m
  sums.cacheWrite1h += more.cacheWrite1h
  sums.output += more.output
  sums.reasoning += more.reasoning
  sums.cost += more.cost
  sums.billed += more.billed
  sums.unpriced += more.unpriced
  sums.estimated += more.estimated
  sums.latencyUs += more.latencyUs
}

/** Takes `less` out of `sums` in place. */
export function subtractSums(sums: Sums, less: Readonly<Sums>): void {
  for (const field of fields) sums[field] -= less[field]
}

/** A call is counted once, at its last attempt; an earlier attempt counts only as an attempt. */
export function sumsOfEnded(e: AttemptEnded): Sums {
  if (!e.last) return { ...emptySums(), attempts: 1 }
  const used = e.usage ?? noUsage
  return {
    requests: 1,
    failed: isFailure(e) ? 1 : 0,
    attempts: 1,
    input: used.input,
    cacheRead: used.cacheRead,
    cacheWrite5m: used.cacheWrite5m,
    cacheWrite1h: used.cacheWrite1h,
    output: used.output,
    reasoning: used.reasoning,
    cost: e.cost ?? 0,
    billed: e.billed ?? 0,
    unpriced: isUnpriced(e) ? 1 : 0,
    estimated: e.usageSource === 'estimated' ? 1 : 0,
    latencyUs: microseconds(e.latencyMs),
  }
}

export function sumsOfRow(row: Folded['rows'][number]): Sums {
  const { requests, failed, attempts, cost, billed, unpriced, estimated } = row
  const latencyUs = microseconds(row.latencyMs)
  return { requests, failed, attempts, ...row.usage, cost, billed, unpriced, estimated, latencyUs }
}

/** A client that leaves is not the upstream's failure. */
export function isFailure(e: AttemptEnded): boolean {
  return e.outcome !== 'ok' && e.outcome !== 'aborted'
}

/** Something was used, it may have cost money, and no price is known. A local model's calls cost nothing. */
export function isUnpriced(e: AttemptEnded): boolean {
  return e.cost === null && e.billing !== 'local' && (e.usage !== null || e.outcome === 'ok')
}

function microseconds(ms: number): number {
  return Math.max(0, Math.round(ms * 1000))
}

export function writeSums(sums: Sums): number[] {
  return fields.map((field) => sums[field])
}

export function readSums(json: unknown): Sums | undefined {
  if (!isArray(json) || json.length !== fields.length) return undefined
  const sums = emptySums()
  for (const [at, field] of fields.entries()) {
    const value = json[at]
    if (!isCount(value)) return undefined
    sums[field] = value
  }
  return sums
}
