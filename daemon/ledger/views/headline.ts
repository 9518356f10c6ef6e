/** The one number for the status bar: the limit that binds what is used now, else today's spend, else nothing seen yet. */
import type { Headline } from '../../../shared/contract/rows.ts'
import { totalTokensOf } from '../../../shared/contract/usage.ts'
import { type Account, accountKey } from '../accounts.ts'
import type { Ledger } from '../ledger.ts'
import type { Sums } from '../sums.ts'
import { accountLabel } from './account-label.ts'
import { bindingWindow, candidatesOf, fullest } from './binding-window.ts'
import { besideBudgets } from './headline-budget.ts'
import { type InUse, standsOf } from './headline-state.ts'
import { type QuotaNow, quotasNow } from './limits.ts'
import { usdOf } from './rows.ts'
import { kindShown } from './shown.ts'
import { isExhausted, isSubscriptionWindow, windowRowOf } from './windows.ts'

/** An account stays the one in use for this long after its last call. */
const inUseMs = 30 * 60_000

type Named = { provider: string; account: string }

export function headlineOf(ledger: Ledger, now: number, today: Sums): Headline {
  const kind = kindShown(ledger)
  const used = newestAccount(ledger, kind === 'simulated')
  const quotas = quotasNow(ledger, now)
  const shown = used && now - used.lastAt <= inUseMs ? used : accountByQuota(quotas, now)
  const spender = shown ?? used
  if (!spender) return { kind: 'none' }
  const inUse = inUseOf(ledger, quotas, spender)
  const binding = bindingWindow(inUse.quotas, inUse.model)
  const stands = {
    account_label: labelOf(ledger, spender),
    ...besideBudgets(ledger, now, inUse, standsOf(ledger, now, inUse, binding)),
  }
  if (binding) {
    const { provider, account } = spender
    return { kind: 'window', provider, account, window: windowRowOf(binding.window), ...stands }
  }
  if (!used) return { kind: 'none' }
  return {
    kind: 'spend',
    tokens: totalTokensOf(today),
    billed_usd: usdOf(today.billed),
    unpriced_requests: today.unpriced,
    ...stands,
  }
}

function inUseOf(ledger: Ledger, quotas: readonly QuotaNow[], { provider, account }: Named): InUse {
  const known = ledger.accounts.get(accountKey(provider, account))
  const model = known?.model
  const own = quotas
    .filter(({ quota }) => quota.provider === provider && quota.account === account)
    .filter(({ quota }) => quota.model === null || quota.model === model)
  return { provider, account, model, billing: known?.billing, lastAt: known?.lastAt, quotas: own }
}

function newestAccount(ledger: Ledger, simulated: boolean): Account | undefined {
  let newest: Account | undefined
  for (const account of ledger.accounts.values()) {
    if ((account.billing === 'simulated') !== simulated) continue
    if (!newest || account.lastAt > newest.lastAt) newest = account
  }
  return newest
}

/** No call lately: whose limits were read last, else whose limit is nearest without being used up. */
function accountByQuota(quotas: readonly QuotaNow[], now: number): Named | undefined {
  const newest = quotas[0]
  if (newest && now - newest.quota.measuredAt <= inUseMs) return newest.quota
  const open = candidatesOf(quotas).filter(
    ({ window }) => !isExhausted(window) && window.usedPct !== null && isSubscriptionWindow(window.name),
  )
  return fullest(open)?.quota ?? newest?.quota
}

function labelOf(ledger: Ledger, { provider, account }: Named): string {
  const billing = ledger.accounts.get(accountKey(provider, account))?.billing ?? null
  return accountLabel({ provider, account, billing })
}
