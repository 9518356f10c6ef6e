/** `/v1/ratelimits`: one row a provider, account and model, camelCase, instants in epoch ms. */
import type * as z from 'zod/mini'
import type { rateLimit } from '../../../shared/contract/endpoints/stats.ts'
import type { Ledger } from '../ledger.ts'
import { type CountedLimits, countedQuotas } from './counted-limits.ts'
import { type LimitNow, limitsNow } from './limits.ts'
import { cooldownReason } from './refusal-text.ts'
import { percentOf } from './rows.ts'
import { isExhausted, type WindowNow } from './windows.ts'

export type RateLimit = z.infer<typeof rateLimit>

/** Newest first, then the user's own limits. */
export function rateLimitsOf(
  ledger: Ledger,
  now: number,
  simulated?: 'only',
  counted: readonly CountedLimits[] = [],
): RateLimit[] {
  return [...limitsNow(ledger, now, simulated), ...countedQuotas(ledger, counted, simulated)].map(rateLimitOf)
}

function rateLimitOf({ quota, windows, cooldown }: LimitNow): RateLimit {
  const exhausted = windows.find(isExhausted)
  const tracked = windows.some((window) => window.confirmed)
  return {
    provider: quota.provider,
    account: quota.account,
    model: quota.model ?? '*',
    status: exhausted || cooldown ? 'exhausted' : tracked ? 'tracking' : 'available',
    cooldownUntil: cooldown?.until ?? null,
    reason: cooldown
      ? cooldownReason(cooldown)
      : exhausted
        ? `${whose(exhausted)} limit ${exhausted.name} is used up.`
        : null,
    quota: quotaOf(windows),
    windows: windows.map(({ name, usedPct, limit, remaining, resetsAt, source, measuredAt, pace, runsOutAt }) => ({
      name,
      usedPct: usedPct === null ? null : percentOf(usedPct),
      limit,
      remaining,
      resetsAt,
      source,
      measuredAt,
      pace: pace === null ? null : percentOf(pace),
      runsOutAt,
    })),
  }
}

function whose({ source }: WindowNow): string {
  return source === 'counted' ? 'Your' : "The provider's"
}

/** null where the provider states neither requests nor tokens. Resets count from the newest of the two readings. */
function quotaOf(windows: readonly WindowNow[]): RateLimit['quota'] {
  const requests = windowFor('requests', windows)
  const tokens = windowFor('tokens', windows)
  const stated = [requests, tokens].filter((window) => window !== undefined)
  if (stated.length === 0) return null
  const lastUpdated = stated.reduce((newest, window) => Math.max(newest, window.measuredAt), -1e15)
  const resetOf = (window: WindowNow | undefined) =>
    window === undefined || window.resetsAt === null ? null : Math.max(0, window.resetsAt - lastUpdated)
  return {
    remainingRequests: requests?.remaining ?? null,
    remainingTokens: tokens?.remaining ?? null,
    resetRequestsMs: resetOf(requests),
    resetTokensMs: resetOf(tokens),
    lastUpdated,
  }
}

/** Some providers count by the day or the minute and say so: the one that is nearer to its limit. */
function windowFor(unit: string, windows: readonly WindowNow[]): WindowNow | undefined {
  const plain = windows.find((window) => window.name === unit)
  if (plain) return plain
  const spans = windows.filter((window) => new RegExp(`^${unit}-(minute|hour|day|month)$`).test(window.name))
  return spans.sort((a, b) => (b.usedPct ?? -1) - (a.usedPct ?? -1))[0]
}
