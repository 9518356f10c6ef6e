/** Sums by one name since the ledger began, simulated ones apart; bounded, so that reading them costs the same for ever. */
import { billingAt, type Counted } from './counted.ts'
import type { NameTable } from './names.ts'
import { isArray, isInstant, nameAt, readAll } from './reading.ts'
import { addSums, emptySums, readSums, type Sums, writeSums } from './sums.ts'
import { other } from './totals.ts'

/** Names kept for ever; later ones are `other`. */
export const nameBound = 200

/** `lastAt`: the newest end of a call, epoch ms. */
export type NamedTotals = { name: string; simulated: boolean; sums: Sums; lastAt: number | null }
export type TotalsByName = Map<string, NamedTotals>

export function isSimulated(counted: Counted): boolean {
  return counted.names[billingAt] === 'simulated'
}

export function addNamed(rows: TotalsByName, name: string, counted: Counted): void {
  const row = rowAt(rows, name, isSimulated(counted))
  addSums(row.sums, counted.sums)
  if (counted.call) row.lastAt = Math.max(row.lastAt ?? counted.at, counted.at)
}

function rowAt(rows: TotalsByName, asked: string, simulated: boolean): NamedTotals {
  const known = rows.get(keyOfRow(asked, simulated))
  if (known) return known
  const name = rows.size < nameBound ? asked : other
  const key = keyOfRow(name, simulated)
  const row = rows.get(key) ?? { name, simulated, sums: emptySums(), lastAt: null }
  rows.set(key, row)
  return row
}

function keyOfRow(name: string, simulated: boolean): string {
  return simulated ? `simulated ${name}` : `real ${name}`
}

export function writeNamed(rows: TotalsByName, names: NameTable): unknown {
  return [...rows.values()].map((row) => [names.idOf(row.name), row.simulated ? 1 : 0, row.lastAt, writeSums(row.sums)])
}

/** undefined: not what `writeNamed` writes. */
export function readNamed(json: unknown, names: readonly string[]): TotalsByName | undefined {
  const rows = readAll(json, (part) => readRow(part, names))
  return rows && new Map(rows.map((row) => [keyOfRow(row.name, row.simulated), row]))
}

function readRow(json: unknown, names: readonly string[]): NamedTotals | undefined {
  if (!isArray(json) || json.length !== 4) return undefined
  const [id, kind, lastAt, numbers] = json
  const name = nameAt(names, id)
  const sums = readSums(numbers)
  if (name === undefined || !sums || (kind !== 0 && kind !== 1)) return undefined
  if (lastAt !== null && !isInstant(lastAt)) return undefined
  return { name, simulated: kind === 1, sums, lastAt }
}
