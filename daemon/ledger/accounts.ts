/** Which accounts calls went to, how they are billed, and when each was last used. */
import { type Billing, billing } from '../../shared/contract/usage.ts'
import { keyOf } from './buckets.ts'
import { isArray, isInstant, nameAt, readAll } from './reading.ts'
import type { Slice } from './slice.ts'

/** The one unused for longest goes first. */
export const accountBound = 500

/** `lastAt`: the newest start or end of an attempt. `billing` and `model` are that attempt's. */
export type Account = { provider: string; account: string; billing: Billing; model: string; lastAt: number }
export type Accounts = Map<string, Account>

export function accountKey(provider: string, account: string): string {
  return keyOf([provider, account])
}

export const accounts: Slice<Accounts> = {
  empty: () => new Map(),

  fold(state, { e, t }) {
    if (e.type !== 'attempt.started' && e.type !== 'attempt.ended') return
    // nobody knows whose quota it used, and it says nothing of what is in use now
    if (e.type === 'attempt.ended' && e.imported !== undefined) return
    const key = accountKey(e.provider, e.account)
    const known = state.get(key)
    if (known) {
      if (known.lastAt > t) return
      known.billing = e.billing
      known.model = e.model
      known.lastAt = t
      return
    }
    state.set(key, { provider: e.provider, account: e.account, billing: e.billing, model: e.model, lastAt: t })
    if (state.size > accountBound) dropUnused(state)
  },

  write: (state, names) =>
    [...state.values()].map((row) => [
      names.idOf(row.provider),
      names.idOf(row.account),
      row.billing,
      names.idOf(row.model),
      row.lastAt,
    ]),

  read(json, names) {
    const rows = readAll(json, (part) => readAccount(part, names))
    return rows && new Map(rows.map((row) => [accountKey(row.provider, row.account), row]))
  },
}

function dropUnused(state: Accounts): void {
  let unused: [string, Account] | undefined
  for (const item of state) if (!unused || item[1].lastAt < unused[1].lastAt) unused = item
  if (unused) state.delete(unused[0])
}

function readAccount(json: unknown, names: readonly string[]): Account | undefined {
  if (!isArray(json) || json.length !== 5) return undefined
  const [provider, account, model] = [nameAt(names, json[0]), nameAt(names, json[1]), nameAt(names, json[3])]
  const paid = billing.safeParse(json[2])
  const lastAt = json[4]
  if (provider === undefined || account === undefined || model === undefined) return undefined
  return paid.success && isInstant(lastAt) ? { provider, account, billing: paid.data, model, lastAt } : undefined
}
