/** `/v1/stats`, `/v1/ratelimits`: camelCase, instants in epoch milliseconds. */
import * as z from 'zod/mini'
import type { EndpointTable } from '../endpoint.ts'
import { importSource } from '../event.ts'
import { refusalKind } from '../refusal.ts'
import { billing, count, outcome } from '../usage.ts'

const ms = z.number()

/** Sums since the ledger began. Prompt tokens are input and all caches; the cost is the list price. */
const lifetimeSums = {
  totalRequests: count,
  totalTokens: count,
  totalPromptTokens: count,
  totalCompletionTokens: count,
  totalCostUsd: z.number(),
  unpricedRequests: count,
  lastRequestTimestamp: z.nullable(ms),
  simulated: z.boolean(),
}

export const providerStats = z.object({ providerId: z.string(), ...lifetimeSums })
export const chainStats = z.object({ chainName: z.string(), ...lifetimeSums })

export const statsSummary = z.object({
  ...lifetimeSums,
  totalBilledUsd: z.number(),
  /** Sendings to a provider; a call may need several. */
  totalAttempts: count,
  failedRequests: count,
  /** Calls that ended at another target than they began with. */
  failedOverRequests: count,
  averageLatencyMs: z.number(),
})

export const statsRequest = z.object({
  id: z.string(),
  timestamp: ms,
  chainName: z.nullable(z.string()),
  providerId: z.string(),
  model: z.string(),
  promptTokens: z.nullable(count),
  completionTokens: z.nullable(count),
  totalTokens: z.nullable(count),
  cacheReadTokens: z.nullable(count),
  cacheWriteTokens: z.nullable(count),
  costUsd: z.nullable(z.number()),
  billedUsd: z.nullable(z.number()),
  billing,
  latencyMs: z.number(),
  ttftMs: z.nullable(z.number()),
  httpStatus: z.nullable(z.int()),
  attempts: count,
  outcome,
  client: z.string(),
  task: z.string(),
  sessionId: z.nullable(z.string()),
  errorMessage: z.nullable(z.string()),
  /** Present where the call did not come through the daemon. */
  imported: z.optional(importSource),
})

export const rateLimit = z.object({
  provider: z.string(),
  account: z.string(),
  /** `*`: the limit holds for every model of the account. */
  model: z.string(),
  status: z.enum(['available', 'tracking', 'exhausted']),
  cooldownUntil: z.nullable(ms),
  reason: z.nullable(z.string()),
  quota: z.nullable(
    z.object({
      remainingRequests: z.nullable(z.number()),
      remainingTokens: z.nullable(z.number()),
      resetRequestsMs: z.nullable(ms),
      resetTokensMs: z.nullable(ms),
      lastUpdated: ms,
    }),
  ),
  windows: z.array(
    z.object({
      name: z.string(),
      usedPct: z.nullable(z.number()),
      limit: z.nullable(z.number()),
      remaining: z.nullable(z.number()),
      resetsAt: z.nullable(ms),
      source: z.string(),
      measuredAt: ms,
      /**
       * `usedPct` less the share of the window's time that has passed, in percentage points: above 0 it is used faster than its
       * time passes. null where the window's length or reset is not known, or it lasts minutes only.
       */
      pace: z.nullable(z.number()),
      /**
       * When it is used up if it goes on as since the window began. null: it lasts until its reset, give or take two points of
       * its time; under 3 % of its time has passed; it is used up already; or its pace is not known.
       */
      runsOutAt: z.nullable(ms),
    }),
  ),
})

/** A cooldown that is over now. `model` `*`: it was the whole account's. */
const liftedCooldown = z.object({
  provider: z.string(),
  account: z.string(),
  model: z.string(),
  cooldownUntil: ms,
  refusal: refusalKind,
})

/** `?simulated=only` shows the sandbox's calls after the first real one. */
const shown = z.object({ simulated: z.optional(z.enum(['only'])) })

export const stats = {
  providers: {
    method: 'GET',
    path: '/v1/stats/providers',
    auth: 'read',
    query: shown,
    reply: z.object({ providers: z.array(providerStats) }),
    summary: 'Totals of every provider',
    tag: 'stats',
  },
  provider: {
    method: 'GET',
    path: '/v1/stats/providers/{providerId}',
    auth: 'read',
    query: shown,
    reply: providerStats,
    summary: 'Totals of one provider',
    tag: 'stats',
  },
  chains: {
    method: 'GET',
    path: '/v1/stats/chains',
    auth: 'read',
    query: shown,
    reply: z.object({ chains: z.array(chainStats) }),
    summary: 'Totals of every chain',
    tag: 'stats',
  },
  chain: {
    method: 'GET',
    path: '/v1/stats/chains/{chainName}',
    auth: 'read',
    query: shown,
    reply: chainStats,
    summary: 'Totals of one chain',
    tag: 'stats',
  },
  statsSummary: {
    method: 'GET',
    path: '/v1/stats/summary',
    auth: 'read',
    query: shown,
    reply: statsSummary,
    summary: 'Totals of all calls, their latency, and how many failed over',
    tag: 'stats',
  },
  requests: {
    method: 'GET',
    path: '/v1/stats/requests',
    auth: 'read',
    // not a number, 0 or negative → 50; over 500 → 500: as its users know it
    query: z.object({ ...shown.shape, limit: z.optional(z.string()) }),
    reply: z.object({ requests: z.array(statsRequest) }),
    summary: 'The newest calls',
    tag: 'stats',
  },
  ratelimits: {
    method: 'GET',
    path: '/v1/ratelimits',
    auth: 'read',
    query: shown,
    reply: z.object({ ratelimits: z.array(rateLimit) }),
    summary: 'What providers say is left, and what is avoided until when',
    tag: 'stats',
  },
  liftCooldowns: {
    method: 'DELETE',
    // a model's slashes are encoded; `*`: all models, and the whole account
    path: '/v1/ratelimits/{provider}/{model}',
    auth: 'admin',
    reply: z.object({ lifted: z.array(liftedCooldown) }),
    summary: 'Lift the cooldowns of a model, or with * all of a provider, so that it is asked again at once',
    tag: 'stats',
  },
} as const satisfies EndpointTable
