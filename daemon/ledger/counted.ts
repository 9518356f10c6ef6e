/** What an entry adds to the totals: the names it is counted under, when, and how much. */
import type { AttemptEnded, Entry } from '../../shared/contract/event.ts'
import { type Sums, sumsOfEnded, sumsOfRow } from './sums.ts'
import { noTimes, type Times, timesOf } from './times.ts'

/** The joint key of the totals, in the order of a row's names. */
export const jointDimensions = ['provider', 'account', 'model', 'client', 'task', 'chain', 'folder', 'billing'] as const
export type JointDimension = (typeof jointDimensions)[number]
export const billingAt = jointDimensions.indexOf('billing')

/**
 * `names` in the order of `jointDimensions`; no chain and no folder are the empty name. `failedOver`: calls among them that
 * ended at another target than they began with. `times`: of lines that were added up nothing is known of them.
 */
export type Counted = { at: number; names: string[]; sums: Sums; times: Times; call: boolean; failedOver: number }

type Named = Record<Exclude<JointDimension, 'chain' | 'folder'>, string> & Record<'chain' | 'folder', string | null>

/** Written out: it runs for every call. A test holds it to `jointDimensions`. */
function namesOf({ provider, account, model, client, task, chain, folder, billing }: Named): string[] {
  return [provider, account, model, client, task, chain ?? '', folder ?? '', billing]
}

const nothing: readonly Counted[] = []

/** When a call counts: at its end; an imported one, which is recorded long after, when it was made. Epoch ms. */
export function countedAt(e: AttemptEnded, t: number): number {
  return e.imported === undefined ? t : e.startedAt
}

export function countedOf(entry: Entry): readonly Counted[] {
  const { e, t } = entry
  if (e.type === 'attempt.ended') {
    const failedOver = e.last && e.strategy === 'failover' ? 1 : 0
    const what = {
      at: countedAt(e, t),
      names: namesOf(e),
      sums: sumsOfEnded(e),
      times: timesOf(e),
      call: e.last,
      failedOver,
    }
    return [what]
  }
  if (e.type !== 'folded') return nothing
  return e.rows.map((row) => ({
    at: row.at,
    names: namesOf(row),
    sums: sumsOfRow(row),
    times: noTimes,
    call: row.requests > 0,
    failedOver: row.failedOver ?? 0,
  }))
}
