/** Makes the event of a call that did not come through the daemon: priced as on the day that it was made. */
import type { ImportCall } from '../shared/contract/endpoints/import.ts'
import type { AttemptEnded, DialectName, ImportSource } from '../shared/contract/event.ts'
import type { Billing, Usage } from '../shared/contract/usage.ts'
import { importedAccount } from './ledger/views/account-label.ts'
import { owedOf } from './pricing/owed.ts'
import type { Prices } from './pricing/price.ts'
import type { Provider } from './providers/provider.ts'
import { safeName, safeNameOr } from './proxy/names.ts'
import { type CallTold, importedAttemptId } from './store/call-marks.ts'

export type ImportedCall = { told: CallTold; call: ImportCall }

/** With names made safe and the time as a number; undefined where the time is none. */
export function toldOf(source: ImportSource, call: ImportCall): CallTold | undefined {
  const at = Date.parse(call.at)
  if (Number.isNaN(at)) return undefined
  const { usage } = call
  return {
    source,
    attempt: importedAttemptId(source, call.key),
    // as the id of a call through the daemon is kept
    requestId: safeNameOr(call.request_id),
    at,
    model: safeName(call.model) || 'unknown',
    usage: usage && {
      input: usage.input,
      cacheRead: usage.cache_read,
      cacheWrite5m: usage.cache_write_5m,
      cacheWrite1h: usage.cache_write_1h,
      output: usage.output,
      reasoning: usage.reasoning,
    },
  }
}

/** `id`: of the call, new, with the present time in it, by which its segment is found. */
export function importedEvent(
  { told, call }: ImportedCall,
  id: string,
  inUse: { providers: ReadonlyMap<string, Provider>; priceOf: Prices['priceOf'] },
): AttemptEnded {
  const provider = inUse.providers.get(call.provider)
  const billing: Billing = provider?.local ? 'local' : call.billing
  const refused = (call.status ?? 200) >= 400
  const dialect = dialectOf(told.source, provider)
  const searches = call.web_searches ?? 0
  const event: AttemptEnded = {
    type: 'attempt.ended',
    call: id,
    attempt: told.attempt,
    dialect,
    endpoint: endpoints[dialect],
    stream: false,
    strategy: 'direct',
    provider: safeName(call.provider) || 'unknown',
    account: importedAccount,
    model: told.model,
    chain: null,
    client: safeName(call.client) || 'unknown',
    task: safeName(call.task ?? '') || 'generation',
    folder: call.folder,
    user: null,
    feature: searches > 0 ? 'search' : 'chat',
    session: safeNameOr(call.session),
    billing,
    last: true,
    attempts: 1,
    startedAt: told.at,
    status: call.status ?? null,
    outcome: refused ? 'refused' : 'ok',
    usage: told.usage,
    usageSource: told.usage === null ? 'none' : 'reported',
    ...priced(told, call, provider, billing, inUse.priceOf),
    latencyMs: call.latency_ms ?? 0,
    ttftMs: null,
    overheadMs: 0,
    error: refused ? `HTTP ${call.status}` : null,
    upstreamId: told.requestId,
    imported: told.source,
  }
  if (call.service_tier !== undefined) event.tier = call.service_tier
  if (call.served_within !== undefined) event.within = call.served_within
  if (searches > 0) event.searches = searches
  return event
}

/** An export says what was stamped at the time. What a client worked out for itself counts only where no price is known. */
function priced(
  told: CallTold,
  call: ImportCall,
  provider: Provider | undefined,
  billing: Billing,
  priceOf: Prices['priceOf'],
): Pick<AttemptEnded, 'cost' | 'billed' | 'price'> {
  const stated = call.cost_usd ?? null
  const own = stated === null ? null : { nano: Math.round(stated * 1e9), stamp: stampOf(told.source) }
  const listed = (usage: Usage) =>
    priceOf({
      catalogueId: provider?.catalogueId ?? null,
      provider: call.provider,
      model: told.model,
      usage,
      webSearches: call.web_searches ?? 0,
      tier: call.service_tier,
      within: call.served_within,
      at: told.at,
    })
  const found = told.source === 'export' || told.usage === null ? own : (listed(told.usage) ?? own)
  const cost = found?.nano ?? (told.usage === null ? 0 : null)
  return { cost, billed: owedOf(billing, cost), price: found?.stamp ?? null }
}

function stampOf(source: ImportSource): AttemptEnded['price'] {
  return { source: 'imported', version: source }
}

const endpoints: Record<DialectName, string> = {
  'openai-chat': '/v1/chat/completions',
  'openai-responses': '/v1/responses',
  anthropic: '/v1/messages',
  gemini: '/v1beta/models/{model}:generateContent',
}

/** As the assistant speaks; else as the provider does. */
function dialectOf(source: ImportSource, provider: Provider | undefined): DialectName {
  if (source === 'claude-code') return 'anthropic'
  if (source === 'codex') return 'openai-responses'
  return provider?.dialects[0] ?? 'openai-chat'
}
