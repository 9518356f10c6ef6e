/** What one slice of the ledger must do. Each slice owns its state and is the only one that changes it. */
import type { Entry } from '../../shared/contract/event.ts'
import type { Counted } from './counted.ts'
import type { NameTable } from './names.ts'
import type { Zone } from './zone.ts'

export type Slice<State> = {
  empty(): State
  /**
   * In place. Reads nothing but its arguments: no clock, no disk, no chance. `counted` is what the entry adds to sums, made once
   * for all slices.
   */
  fold(state: State, entry: Entry, zone: Zone, counted: readonly Counted[]): void
  /** The form kept in a snapshot; names go through the table. */
  write(state: State, names: NameTable): unknown
  /** undefined: not what `write` writes. */
  read(json: unknown, names: readonly string[]): State | undefined
}
