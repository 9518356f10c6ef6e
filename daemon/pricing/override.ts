/** What a correction of the catalogue is: which models it is of, and what they cost from when on. */
import type { Rates } from './rates.ts'

/** What a model costs from a time on: ISO, UTC. `peak`: from Monday to Friday within its hours, UTC. */
export type Edition = {
  from: string
  rates: Rates
  peak?: { hours: readonly (readonly [from: number, before: number])[]; rates: Rates }
}

export type Override = {
  models: readonly string[] | RegExp
  /** When it was checked; also its edition in a price stamp. */
  dated: string
  /** Where it says so. */
  page: string
} & (
  | { editions: readonly Edition[] }
  /** Costs what another model of the provider costs. */
  | { sameAs: string }
  /** No price is better than the one that the catalogue has: why. */
  | { unpriced: string }
)

/** The same for a prompt of any length, in USD a million tokens. */
export function flat(input: number, cacheRead: number | undefined, output: number): Rates {
  return { input, cacheRead, output }
}
