/** Parts of a ledger for comparing: lists of times hold the same however they are written, and some tests look past them. */
import { packed } from '../ledger/times.ts'

/** A copy in which each list named `times` is as `make` has it; default: packed. */
export function withTimes(value: unknown, make: (times: number[]) => unknown = packed): unknown {
  if (value instanceof Map) return new Map([...value].map(([key, one]) => [key, withTimes(one, make)]))
  if (value instanceof Set || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((one) => withTimes(one, make))
  const parts = Object.entries(value).map(([name, one]): [string, unknown] =>
    name === 'times' && isNumbers(one) ? [name, make(one)] : [name, withTimes(one, make)],
  )
  return Object.fromEntries(parts)
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'number')
}
