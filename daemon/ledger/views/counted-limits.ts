/** The limits that the user set on providers, as rows beside those that providers state. */
import type { QuotaWindow } from '../../../shared/contract/quota.ts'
import type { Ledger } from '../ledger.ts'
import { allAccounts } from './account-label.ts'
import type { LimitNow } from './limits.ts'
import { kindShown } from './shown.ts'
import { windowNow } from './windows.ts'

/** Counted by whoever holds calls to them. */
export type CountedLimits = { provider: string; windows: readonly QuotaWindow[] }

/** Nobody limits the sandbox so: they are real. They hold for all accounts together. */
export function countedQuotas(ledger: Ledger, counted: readonly CountedLimits[], simulated?: 'only'): LimitNow[] {
  if (kindShown(ledger, simulated) !== 'real') return []
  return counted.map(({ provider, windows }) => ({
    quota: {
      provider,
      account: allAccounts,
      model: null,
      windows: new Map(windows.map((window) => [window.name, window])),
      representative: null,
      overageInUse: null,
      measuredAt: Math.max(...windows.map((window) => window.measuredAt)),
    },
    // counted as they are asked for
    windows: windows.map((window) => windowNow(window, window.measuredAt)),
    cooldown: undefined,
  }))
}
