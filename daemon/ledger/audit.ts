/** Who changed what over the API: the newest changes. */
import { type AdminChanged, adminChanged } from '../../shared/contract/event-money.ts'
import { isArray, isInstant, readAll } from './reading.ts'
import type { Slice } from './slice.ts'

const auditBound = 500

/** Oldest first. */
export type Audit = { t: number; e: AdminChanged }[]

export const audit: Slice<Audit> = {
  empty: () => [],

  fold(state, { e, t }) {
    if (e.type !== 'admin.changed') return
    state.push({ t, e })
    if (state.length > auditBound) state.shift()
  },

  write: (state) => state.map(({ t, e }) => [t, e]),

  read: (json) => readAll(json, readChange),
}

function readChange(json: unknown): Audit[number] | undefined {
  if (!isArray(json) || json.length !== 2) return undefined
  const [t, e] = json
  const found = adminChanged.safeParse(e).data
  return isInstant(t) && found ? { t, e: found } : undefined
}
