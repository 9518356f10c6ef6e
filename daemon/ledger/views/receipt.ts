/** The receipt of one call: every attempt it made, or that we refused it, from the call's own entries. */
import type { AttemptEnded, Entry } from '../../../shared/contract/event.ts'
import type { PricePart, Receipt } from '../../../shared/contract/receipt.ts'
import type { SkippedTarget } from '../../../shared/contract/refusal.ts'
import type { AudioUsage, Usage } from '../../../shared/contract/usage.ts'
import { skipReason } from './refusal-text.ts'
import { isoOf, requestRowOf, usdOf } from './rows.ts'

type Ended = { e: AttemptEnded; t: number }

/** How an attempt's cost came about; null: nobody can tell any more. */
export type PartsOf = (e: AttemptEnded) => PricePart[] | null

/** `entries` of one call, in any order; an attempt told twice counts once. undefined: it is not over. */
export function receiptOf(entries: readonly Entry[], partsOf: PartsOf): Receipt | undefined {
  const ended = new Map<string, Ended>()
  for (const { e, t } of entries) {
    if (e.type === 'attempt.ended' && !ended.has(e.attempt)) ended.set(e.attempt, { e, t })
  }
  const attempts = [...ended.values()].sort((a, b) => a.e.attempts - b.e.attempts || a.t - b.t)
  const shown = attempts.findLast(({ e }) => e.last) ?? attempts.at(-1)
  const refused = shown ? undefined : refusedIn(entries)
  if (!shown && !refused) return undefined
  return {
    request: shown ? requestRowOf(shown.e, shown.t) : null,
    refused: refused ?? null,
    attempts: attempts.map(({ e }) => attemptOf(e, partsOf)),
  }
}

function refusedIn(entries: readonly Entry[]): Receipt['refused'] | undefined {
  for (const { e, t } of entries) {
    if (e.type !== 'call.refused') continue
    return {
      id: e.call,
      timestamp: isoOf(t),
      code: e.code,
      http_status: e.status,
      dialect: e.dialect,
      endpoint: e.endpoint,
      client: e.client,
      provider: e.provider,
      chain: e.chain ?? null,
      skipped: (e.skipped ?? []).map((one) => skippedOf(one, null)),
    }
  }
  return undefined
}

/** `fallback`: who was asked in its place. */
function skippedOf(skipped: SkippedTarget, fallback: string | null): Receipt['attempts'][number]['skipped'][number] {
  const { provider, model, why, until, refusal } = skipped
  const instead = why === 'budget' && fallback !== null ? ` Fallback to ${fallback}.` : ''
  const detail = `${skipReason(skipped)}${instead}`
  return { provider, model, why, until: until === null ? null : isoOf(until), refusal, detail }
}

function attemptOf(e: AttemptEnded, partsOf: PartsOf): Receipt['attempts'][number] {
  // behind a last one that failed nobody was asked any more
  const fallback = e.last && e.outcome !== 'ok' ? null : e.provider
  return {
    id: e.attempt,
    provider: e.provider,
    account: e.account,
    model: e.model,
    strategy: e.strategy,
    dialect: e.dialect,
    endpoint: e.endpoint,
    billing: e.billing,
    started_at: isoOf(e.startedAt),
    outcome: e.outcome,
    http_status: e.status,
    error: e.error,
    usage: e.usage && usageOf(e.usage, e.audio),
    usage_source: e.usageSource,
    cost_usd: e.cost === null ? null : usdOf(e.cost),
    billed_usd: e.billed === null ? null : usdOf(e.billed),
    price: priceShown(e, partsOf),
    latency_ms: e.latencyMs,
    ttft_ms: e.ttftMs,
    overhead_ms: e.overheadMs,
    upstream_request_id: e.upstreamId,
    refusal: e.refusal ?? null,
    skipped: (e.skipped ?? []).map((one) => skippedOf(one, fallback)),
  }
}

function priceShown(e: AttemptEnded, partsOf: PartsOf): Receipt['attempts'][number]['price'] {
  if (e.price === null) return null
  const { source, version, pricedAs, tier, within } = e.price
  const parts = partsOf(e)
  const how = { tier: tier ?? null, within: within ?? null }
  return { source, version, priced_as: pricedAs ?? null, ...how, ...(parts && { parts }) }
}

function usageOf(usage: Usage, audio: AudioUsage | undefined): Receipt['attempts'][number]['usage'] {
  return {
    input: usage.input,
    cache_read: usage.cacheRead,
    cache_write_5m: usage.cacheWrite5m,
    cache_write_1h: usage.cacheWrite1h,
    output: usage.output,
    reasoning: usage.reasoning,
    ...(audio && { audio: { input: audio.input, cache_read: audio.cacheRead ?? null, output: audio.output } }),
  }
}
