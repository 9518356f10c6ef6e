/** The ledger: all that happened, folded. `fold` is the only function that changes it, a slice at a time. */
import type { Entry } from '../../shared/contract/event.ts'
import { type Accounts, accounts } from './accounts.ts'
import { type Alerts, alerts } from './alerts.ts'
import { type Audit, audit } from './audit.ts'
import { type Budgets, budgets } from './budgets.ts'
import { type Chains, chains } from './chains.ts'
import { type Cooldowns, cooldowns } from './cooldowns.ts'
import { countedOf } from './counted.ts'
import { type Failovers, failovers } from './failovers.ts'
import { type Lifetime, lifetime } from './lifetime.ts'
import { type Marginals, marginals } from './marginals.ts'
import { type Meters, meters, metersSince } from './meters.ts'
import { type Months, readMonths, writeMonths } from './months.ts'
import { openNameTable } from './names.ts'
import { type Open, open } from './open.ts'
import { type Outputs, outputs } from './outputs.ts'
import { type PricesSeen, pricesSeen } from './prices-seen.ts'
import { type QuotaEpisodes, quotaEpisodes } from './quota-episodes.ts'
import { type Quotas, quotas } from './quotas.ts'
import { fieldOf, isArray, isCount, readAll } from './reading.ts'
import { hasEnded, type Recent, recent } from './recent.ts'
import { type Refusals, refusals } from './refusals.ts'
import type { Slice } from './slice.ts'
import { type Totals, totals } from './totals.ts'
import { openZone, type Zone } from './zone.ts'

/** Raised when what `writeLedger` writes can no longer be read as before. */
const ledgerFormat = 1

/**
 * Where a former snapshot lacks one of these, it is counted anew from the segments. The other slices that came later begin empty there
 * (`orNone`): no former version had events of theirs.
 */
const recountedSlices: readonly string[] = ['chains', 'meters', 'failovers'] satisfies SliceName[]

export type Ledger = {
  readonly zone: Zone
  /** The number of the last entry folded of the home's own origin: of the origin that was folded first. */
  last: number
  /** The last number of each origin, the home's own first. */
  origins: Map<string, number>
  /** Months whose days stand in files of their own. */
  months: Months
  totals: Totals
  lifetime: Lifetime
  chains: Chains
  meters: Meters
  failovers: Failovers
  marginals: Marginals
  recent: Recent
  open: Open
  accounts: Accounts
  quotas: Quotas
  cooldowns: Cooldowns
  pricesSeen: PricesSeen
  refusals: Refusals
  budgets: Budgets
  outputs: Outputs
  alerts: Alerts
  quotaEpisodes: QuotaEpisodes
  audit: Audit
}

type SliceName = Exclude<keyof Ledger, 'zone' | 'last' | 'origins' | 'months'>

/** Throws RangeError where `timeZone` is no IANA name: whoever reads it from a user checks it first. */
export function emptyLedger(timeZone: string): Ledger {
  return {
    zone: openZone(timeZone),
    last: 0,
    origins: new Map(),
    months: new Map(),
    totals: totals.empty(),
    lifetime: lifetime.empty(),
    chains: chains.empty(),
    meters: meters.empty(),
    failovers: failovers.empty(),
    marginals: marginals.empty(),
    recent: recent.empty(),
    open: open.empty(),
    accounts: accounts.empty(),
    quotas: quotas.empty(),
    cooldowns: cooldowns.empty(),
    pricesSeen: pricesSeen.empty(),
    refusals: refusals.empty(),
    budgets: budgets.empty(),
    outputs: outputs.empty(),
    alerts: alerts.empty(),
    quotaEpisodes: quotaEpisodes.empty(),
    audit: audit.empty(),
  }
}

/**
 * Folds one entry in. An attempt counts once: the end of an attempt that stands among the newest ended ones (2,000 real, 200
 * simulated) changes nothing but the origin's number, and neither does its start. Beyond that the caller sees to it that no
 * entry is given twice.
 */
export function fold(ledger: Ledger, entry: Entry): void {
  keepNumber(ledger, entry)
  const { e } = entry
  if ((e.type === 'attempt.ended' || e.type === 'attempt.started') && hasEnded(ledger.recent, e.attempt)) return
  const counted = countedOf(entry)
  totals.fold(ledger.totals, entry, ledger.zone, counted)
  lifetime.fold(ledger.lifetime, entry, ledger.zone, counted)
  chains.fold(ledger.chains, entry, ledger.zone, counted)
  meters.fold(ledger.meters, entry, ledger.zone, counted)
  failovers.fold(ledger.failovers, entry, ledger.zone, counted)
  marginals.fold(ledger.marginals, entry, ledger.zone, counted)
  recent.fold(ledger.recent, entry, ledger.zone, counted)
  open.fold(ledger.open, entry, ledger.zone, counted)
  accounts.fold(ledger.accounts, entry, ledger.zone, counted)
  quotas.fold(ledger.quotas, entry, ledger.zone, counted)
  cooldowns.fold(ledger.cooldowns, entry, ledger.zone, counted)
  pricesSeen.fold(ledger.pricesSeen, entry, ledger.zone, counted)
  refusals.fold(ledger.refusals, entry, ledger.zone, counted)
  budgets.fold(ledger.budgets, entry, ledger.zone, counted, ledger)
  outputs.fold(ledger.outputs, entry, ledger.zone, counted)
  alerts.fold(ledger.alerts, entry, ledger.zone, counted)
  quotaEpisodes.fold(ledger.quotaEpisodes, entry, ledger.zone, counted)
  audit.fold(ledger.audit, entry, ledger.zone, counted)
}

/** The last number folded of an origin; 0 where there is none. */
export function lastOf(ledger: Ledger, origin: string): number {
  return ledger.origins.get(origin) ?? 0
}

/** A `folded` entry stands for all numbers up to its last one. Lines of a lost home may come with numbers that are behind. */
function keepNumber(ledger: Ledger, { origin, n, e }: Entry): void {
  const reached = Math.max(lastOf(ledger, origin), e.type === 'folded' ? Math.max(n, e.to) : n)
  ledger.origins.set(origin, reached)
  const own = ledger.origins.values().next()
  if (!own.done) ledger.last = own.value
}

/** What a snapshot keeps: plain JSON, names once in a table, sums as arrays. */
export function writeLedger(ledger: Ledger): unknown {
  const names = openNameTable()
  const slices: Record<SliceName, unknown> = {
    totals: totals.write(ledger.totals, names),
    lifetime: lifetime.write(ledger.lifetime, names),
    chains: chains.write(ledger.chains, names),
    meters: meters.write(ledger.meters, names),
    failovers: failovers.write(ledger.failovers, names),
    marginals: marginals.write(ledger.marginals, names),
    recent: recent.write(ledger.recent, names),
    open: open.write(ledger.open, names),
    accounts: accounts.write(ledger.accounts, names),
    quotas: quotas.write(ledger.quotas, names),
    cooldowns: cooldowns.write(ledger.cooldowns, names),
    pricesSeen: pricesSeen.write(ledger.pricesSeen, names),
    refusals: refusals.write(ledger.refusals, names),
    budgets: budgets.write(ledger.budgets, names),
    outputs: outputs.write(ledger.outputs, names),
    alerts: alerts.write(ledger.alerts, names),
    quotaEpisodes: quotaEpisodes.write(ledger.quotaEpisodes, names),
    audit: audit.write(ledger.audit, names),
  }
  const [origins, months] = [[...ledger.origins], writeMonths(ledger.months)]
  return { format: ledgerFormat, timeZone: ledger.zone.name, origins, months, names: names.list(), slices }
}

/**
 * undefined: not a snapshot of this format, or damaged. Days and hours stay as they were counted where `timeZone` is another one
 * than when they were; what comes is counted in the new one.
 */
export function readLedger(json: unknown, timeZone: string): Ledger | undefined {
  if (fieldOf(json, 'format') !== ledgerFormat) return undefined
  const origins = readAll(fieldOf(json, 'origins'), readOrigin)
  const names = readAll(fieldOf(json, 'names'), (name) => (typeof name === 'string' ? name : undefined))
  const slices = fieldOf(json, 'slices')
  const months = readMonths(fieldOf(json, 'months'))
  if (!origins || !names || !months) return undefined
  const counted = lifetime.read(fieldOf(slices, 'lifetime'), names)
  const sinceThen = { empty: () => (counted ? metersSince(counted) : meters.empty()), read: meters.read }
  const read = {
    totals: totals.read(fieldOf(slices, 'totals'), names),
    lifetime: counted,
    chains: orNone(chains, fieldOf(slices, 'chains'), names),
    meters: orNone(sinceThen, fieldOf(slices, 'meters'), names),
    failovers: orNone(failovers, fieldOf(slices, 'failovers'), names),
    marginals: marginals.read(fieldOf(slices, 'marginals'), names),
    recent: recent.read(fieldOf(slices, 'recent'), names),
    open: open.read(fieldOf(slices, 'open'), names),
    accounts: accounts.read(fieldOf(slices, 'accounts'), names),
    quotas: quotas.read(fieldOf(slices, 'quotas'), names),
    cooldowns: orNone(cooldowns, fieldOf(slices, 'cooldowns'), names),
    pricesSeen: pricesSeen.read(fieldOf(slices, 'pricesSeen'), names),
    refusals: refusals.read(fieldOf(slices, 'refusals'), names),
    budgets: orNone(budgets, fieldOf(slices, 'budgets'), names),
    outputs: orNone(outputs, fieldOf(slices, 'outputs'), names),
    alerts: orNone(alerts, fieldOf(slices, 'alerts'), names),
    quotaEpisodes: orNone(quotaEpisodes, fieldOf(slices, 'quotaEpisodes'), names),
    audit: orNone(audit, fieldOf(slices, 'audit'), names),
  }
  if (!isWhole(read)) return undefined
  const last = origins[0]?.[1] ?? 0
  return { zone: openZone(timeZone), last, origins: new Map(origins), months, ...read }
}

/** Sums that a former version did not write: a snapshot without them is whole for what it holds. */
export function missingSlicesOf(json: unknown): string[] {
  const slices = fieldOf(json, 'slices')
  return slices === undefined ? [] : recountedSlices.filter((name) => fieldOf(slices, name) === undefined)
}

/** The time zone that what `writeLedger` wrote was counted in; undefined where it is none of that. */
export function timeZoneOf(json: unknown): string | undefined {
  const name = fieldOf(json, 'timeZone')
  return typeof name === 'string' ? name : undefined
}

function readOrigin(json: unknown): [string, number] | undefined {
  if (!isArray(json) || json.length !== 2) return undefined
  const [origin, last] = json
  return typeof origin === 'string' && isCount(last) ? [origin, last] : undefined
}

/** A version that wrote no such slice had no event of it, or learned nothing from them. */
function orNone<State>(
  slice: Pick<Slice<State>, 'empty' | 'read'>,
  json: unknown,
  names: readonly string[],
): State | undefined {
  return json === undefined ? slice.empty() : slice.read(json, names)
}

/** No slice was unreadable. */
function isWhole<T extends object>(read: T): read is { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.values(read).every((slice) => slice !== undefined)
}
