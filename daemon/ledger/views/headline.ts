/** The one number for the status bar: the limit that binds what is used now, else today's spend, else nothing seen yet. */
import type { Headline } from '../../../shared/contract/rows.ts'
import { totalTokensOf } from '../../../shared/contract/usage.ts'
import { type Account, accountKey } from '../accounts.ts'
import type { Ledger } from '../ledger.ts'
import type { Sums } from '../sums.ts'
import { accountLabel } from './account-label.ts'
import { type QuotaNow, quotasNow } from './limits.ts'
import { usdOf } from './rows.ts'
import { kindShown } from './shown.ts'
import { countsModel, isExhausted, isSubscriptionWindow, type WindowNow, windowRowOf } from './windows.ts'

const minute = 60_000
/** An account stays the one in use for this long after its last call. */
const inUseMs = 30 * minute
/** A reading older than this is stale while calls go on. */
const staleMs = 10 * minute

type Named = { provider: string; account: string }
type Candidate = { window: WindowNow; quota: QuotaNow['quota'] }

export function headlineOf(ledger: Ledger, now: number, today: Sums): Headline {
  const kind = kindShown(ledger)
  const used = newestAccount(ledger, kind === 'simulated')
  const quotas = quotasNow(ledger, now)
  const shown = used && now - used.lastAt <= inUseMs ? used : accountByQuota(quotas, now)
  const binding = shown && bindingWindow(quotas, ledger, shown)
  if (shown && binding) return windowHeadline(ledger, now, shown, binding)
  const spender = shown ?? used
  if (!spender || !used) return { kind: 'none' }
  return {
    kind: 'spend',
    account_label: labelOf(ledger, spender),
    tokens: totalTokensOf(today),
    billed_usd: usdOf(today.billed),
    unpriced_requests: today.unpriced,
  }
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
  const open = quotas
    .flatMap(({ quota, windows }) => windows.map((window) => ({ quota, window })))
    .filter(({ window }) => !isExhausted(window) && window.usedPct !== null && isSubscriptionWindow(window.name))
  return tightest(open)?.quota ?? newest?.quota
}

function tightest(candidates: readonly Candidate[]): Candidate | undefined {
  return candidates.reduce<Candidate | undefined>(
    (best, next) => (!best || (next.window.usedPct ?? -1) > (best.window.usedPct ?? -1) ? next : best),
    undefined,
  )
}

/** Of an account's subscription windows that count the model in use: a used-up one, else the one its provider names, else the fullest. */
function bindingWindow(quotas: readonly QuotaNow[], ledger: Ledger, shown: Named): Candidate | undefined {
  const model = ledger.accounts.get(accountKey(shown.provider, shown.account))?.model
  const all = quotas
    .filter(({ quota }) => quota.provider === shown.provider && quota.account === shown.account)
    .filter(({ quota }) => quota.model === null || quota.model === model)
    .flatMap(({ quota, windows }) => windows.map((window) => ({ quota, window })))
    .filter(({ window }) => isSubscriptionWindow(window.name))
  const counting = all.filter(
    ({ quota, window }) =>
      model === undefined || window.name === quota.representative || countsModel(window.name, model),
  )
  const candidates = counting.length > 0 ? counting : all
  const exhausted = candidates.filter(({ window }) => isExhausted(window))
  if (exhausted.length > 0) return lastToReset(exhausted)
  const named = candidates.find(({ quota, window }) => window.confirmed && window.name === quota.representative)
  return named ?? tightest(candidates)
}

/** Until then nothing goes on, whatever the others say. */
function lastToReset(candidates: readonly Candidate[]): Candidate | undefined {
  return candidates.reduce<Candidate | undefined>(
    (last, next) => (!last || (next.window.resetsAt ?? 0) > (last.window.resetsAt ?? 0) ? next : last),
    undefined,
  )
}

function windowHeadline(ledger: Ledger, now: number, shown: Named, { window }: Candidate): Headline {
  const lastAt = ledger.accounts.get(accountKey(shown.provider, shown.account))?.lastAt
  const callsFlow = lastAt !== undefined && now - lastAt <= staleMs
  return {
    kind: 'window',
    provider: shown.provider,
    account: shown.account,
    account_label: labelOf(ledger, shown),
    window: windowRowOf(window),
    stale: callsFlow && now - window.measuredAt > staleMs,
  }
}

function labelOf(ledger: Ledger, { provider, account }: Named): string {
  const billing = ledger.accounts.get(accountKey(provider, account))?.billing ?? null
  return accountLabel({ provider, account, billing })
}
