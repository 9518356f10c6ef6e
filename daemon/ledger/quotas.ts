/** The limits that providers state, by account and model, each window with its newest reading. */
import { type QuotaReading, type QuotaWindow, quotaReading } from '../../shared/contract/quota.ts'
import { keyOf } from './buckets.ts'
import { fieldOf, isInstant, readAll } from './reading.ts'
import type { Slice } from './slice.ts'

/** Rows, and windows of a row; the one read longest ago goes first. */
export const quotaBound = 500
export const windowBound = 32
/** Rows of one account's models: names of models come from outside, and must not drive other accounts out. */
export const modelBound = 50

export type Quota = {
  provider: string
  account: string
  /** null: the limit holds for every model of the account. */
  model: string | null
  windows: Map<string, QuotaWindow>
  representative: string | null
  overageInUse: boolean | null
  /** The newest measurement of all windows. */
  measuredAt: number
}
const never = -1e15
export type Quotas = Map<string, Quota>

export function quotaKey(provider: string, account: string, model: string | null): string {
  return keyOf(model === null ? [provider, account] : [provider, account, model])
}

export const quotas: Slice<Quotas> = {
  empty: () => new Map(),

  fold(state, { e, t }) {
    if (e.type !== 'quota.read') return
    const key = quotaKey(e.provider, e.account, e.model)
    const known = state.get(key)
    const quota = known ?? emptyQuota(e)
    take(quota, e, t)
    if (known) return
    state.set(key, quota)
    if (e.model !== null) boundModels(state, e)
    if (state.size > quotaBound) dropOldestOf(state, (row) => row.measuredAt)
  },

  write: (state) =>
    [...state.values()].map(({ windows, measuredAt, ...quota }) => ({
      measuredAt,
      reading: { ...quota, windows: [...windows.values()] },
    })),

  read(json) {
    const rows = readAll(json, readQuota)
    return rows && new Map(rows.map((row) => [quotaKey(row.provider, row.account, row.model), row]))
  },
}

/** Of which nothing was read yet. */
export function emptyQuota({ provider, account, model }: Pick<Quota, 'provider' | 'account' | 'model'>): Quota {
  return { provider, account, model, windows: new Map(), representative: null, overageInUse: null, measuredAt: never }
}

/** A window that the reading does not name keeps its last value; an older measurement never replaces a newer one. */
function take(quota: Quota, reading: QuotaReading, t: number): void {
  for (const window of reading.windows) {
    const known = quota.windows.get(window.name)
    if (!known || known.measuredAt <= window.measuredAt) quota.windows.set(window.name, window)
    if (quota.windows.size > windowBound) dropOldestOf(quota.windows, (row) => row.measuredAt)
  }
  const measuredAt = reading.windows.reduce((newest, window) => Math.max(newest, window.measuredAt), never)
  const at = measuredAt === never ? t : measuredAt
  if (at < quota.measuredAt) return
  quota.measuredAt = at
  quota.representative = reading.representative ?? quota.representative
  quota.overageInUse = reading.overageInUse ?? quota.overageInUse
}

function boundModels(state: Quotas, { provider, account }: QuotaReading): void {
  const isOfAccount = (row: Quota) => row.model !== null && row.provider === provider && row.account === account
  const rows = new Map([...state].filter(([, row]) => isOfAccount(row)))
  if (rows.size <= modelBound) return
  const oldest = oldestOf(rows, (row) => row.measuredAt)
  if (oldest !== undefined) state.delete(oldest)
}

function dropOldestOf<Row>(rows: Map<string, Row>, ageOf: (row: Row) => number): void {
  const oldest = oldestOf(rows, ageOf)
  if (oldest !== undefined) rows.delete(oldest)
}

function oldestOf<Row>(rows: ReadonlyMap<string, Row>, ageOf: (row: Row) => number): string | undefined {
  let oldest: [string, Row] | undefined
  for (const item of rows) if (!oldest || ageOf(item[1]) < ageOf(oldest[1])) oldest = item
  return oldest?.[0]
}

function readQuota(json: unknown): Quota | undefined {
  const found = quotaReading.safeParse(fieldOf(json, 'reading'))
  const measuredAt = fieldOf(json, 'measuredAt')
  if (!found.success || !isInstant(measuredAt)) return undefined
  return { ...found.data, windows: new Map(found.data.windows.map((window) => [window.name, window])), measuredAt }
}
