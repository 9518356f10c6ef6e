/** How what is used now stands: refused, throttled, beyond its plan, near its end, or well. */
import type { Headline, HeadlineState } from '../../../shared/contract/rows.ts'
import type { Billing } from '../../../shared/contract/usage.ts'
import type { Ledger } from '../ledger.ts'
import { type Candidate, candidatesOf } from './binding-window.ts'
import { bindingOf } from './cooling.ts'
import type { QuotaNow } from './limits.ts'
import { isoOf } from './rows.ts'
import { isExhausted, isSubscriptionWindow } from './windows.ts'

const minute = 60_000
/** A refusal that ends sooner is waited for; a longer one is a limit. */
const throttledMs = 2 * minute
/** A reading older than this is stale while calls go on. */
const staleMs = 10 * minute
const nearPct = 90

type Refused = Extract<Headline, { kind: 'spend' }>['refused']
export type Stands = { state: HeadlineState; refused: Refused }

/** The account that is shown: `quotas` are its own and those of its model, `lastAt` is when it was last used. */
export type InUse = {
  provider: string
  account: string
  model: string | undefined
  billing: Billing | undefined
  lastAt: number | undefined
  quotas: readonly QuotaNow[]
}

export function standsOf(ledger: Ledger, now: number, inUse: InUse, binding: Candidate | undefined): Stands {
  const cooling = refusedUntil(ledger, now, inUse)
  const usedUp = binding && isExhausted(binding.window) && !isOverage(binding) ? binding.window : undefined
  const until = Math.max(cooling?.state === 'limit' ? cooling.until : 0, usedUp?.resetsAt ?? 0)
  if (cooling?.state === 'limit' && cooling.until === until) return { state: 'limit', refused: refusedFor(cooling) }
  if (usedUp) return { state: 'limit', refused: until === 0 ? null : refusedFor({ refusal: 'plan', until }) }
  const throttled = cooling ?? throttledByWindow(now, inUse)
  if (throttled) return { state: 'throttled', refused: refusedFor(throttled) }
  return { state: binding ? windowState(now, inUse, binding) : 'ok', refused: null }
}

type Until = { refusal: NonNullable<Refused>['refusal']; until: number }

/** By a cooldown that holds now. What is overloaded or out of reach is no limit of the account's. */
function refusedUntil(
  ledger: Ledger,
  now: number,
  { provider, account, model }: InUse,
): (Until & { state: 'limit' | 'throttled' }) | undefined {
  const cooldown = bindingOf(ledger, provider, account, model ?? null, now)
  if (!cooldown || cooldown.isOver) return undefined
  const { refusal, until } = cooldown
  if (refusal !== 'plan' && refusal !== 'money' && refusal !== 'rate') return undefined
  return { refusal, until, state: refusal === 'rate' && until - now < throttledMs ? 'throttled' : 'limit' }
}

/** A limit of requests or tokens that is used up, but not for long. */
function throttledByWindow(now: number, { quotas }: InUse): Until | undefined {
  const resets = candidatesOf(quotas)
    .filter(({ window }) => !isSubscriptionWindow(window.name) && isExhausted(window))
    .map(({ window }) => window.resetsAt ?? 0)
    .filter((resetsAt) => resetsAt > now && resetsAt - now < throttledMs)
  return resets.length === 0 ? undefined : { refusal: 'rate', until: Math.max(...resets) }
}

function refusedFor({ refusal, until }: Until): Refused {
  return { refusal, until: isoOf(until) }
}

function windowState(now: number, { lastAt }: InUse, binding: Candidate): HeadlineState {
  const { window } = binding
  if (isOverage(binding)) return 'overage'
  const callsFlow = lastAt !== undefined && now - lastAt <= staleMs
  if (callsFlow && now - window.measuredAt > staleMs) return 'stale'
  if ((window.usedPct ?? 0) >= nearPct) return 'near'
  return window.runsOutAt === null ? 'ok' : 'fast-pace'
}

function isOverage({ window, quota }: Candidate): boolean {
  if (quota.overageInUse === true && (window.status === 'rejected' || (window.usedPct ?? 0) >= 100)) return true
  return window.usedPct !== null && window.usedPct > 100 && window.status !== 'rejected'
}
