/** Parts of a ledger for comparing: rows and lists of times hold the same however they are kept, and some tests look past the times. */
import { keyOf } from '../ledger/buckets.ts'
import { type PackedRows, unpackRows } from '../ledger/packed-rows.ts'
import { packed } from '../ledger/times.ts'

/** A copy in which each list named `times` is as `make` has it, default: packed; and rows stand by their keys. */
export function withTimes(value: unknown, make: (times: number[]) => unknown = packed): unknown {
  if (value instanceof Map) return new Map([...value].map(([key, one]) => [key, withTimes(one, make)]))
  if (value instanceof Set || typeof value !== 'object' || value === null) return value
  if (isPacked(value)) return withTimes(new Map(unpackRows(value).map((row) => [keyOf(row.names), row])), make)
  if (Array.isArray(value)) return value.map((one) => withTimes(one, make))
  const parts = Object.entries(value).map(([name, one]): [string, unknown] =>
    name === 'times' && isNumbers(one) ? [name, make(one)] : [name, withTimes(one, make)],
  )
  return Object.fromEntries(parts)
}

function isPacked(value: object): value is PackedRows {
  return 'bytes' in value && value.bytes instanceof Uint8Array
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'number')
}
