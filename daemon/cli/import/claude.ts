/** Reads Claude Code's session logs (`projects/**\/*.jsonl`): one line for each piece of an answer, each with the usage so far. */
import type { ImportCall } from '../../../shared/contract/endpoints/import.ts'
import type { Usage } from '../../../shared/contract/usage.ts'
import { servedAs, type ToldUsage, takeUsage, usageOf } from '../../dialects/anthropic/usage.ts'
import { objectOf } from '../../dialects/loose-json.ts'
import { folderId } from './folder-id.ts'
import {
  type Billing,
  bad,
  type IsNew,
  type Item,
  instantIn,
  nameIn,
  nothing,
  objectIn,
  type Reader,
} from './reader.ts'

/** Answers of one file that are held, as later lines may tell more of them; past it the oldest is taken as it is. */
const mostHeld = 2000
/** An answer may go on for so long. */
const underWayMs = 10 * 60_000

/** A conversation that was resumed may stand in several files. */
export function claudeReader(of: { billing: Billing; now: number; isNew: IsNew }): Reader {
  return { source: 'claude-code', open: () => openLog(of) }
}

function openLog({ billing, now, isNew }: Parameters<typeof claudeReader>[0]) {
  const held = new Map<string, ImportCall>()

  function settled(call: ImportCall): Item[] {
    if (!isNew(call.key)) return nothing
    // its last lines may be missing, and an answer that was added stays as it is
    return [Date.parse(call.at) > now - underWayMs ? { kind: 'waits' } : { kind: 'call', call }]
  }

  return {
    line(bytes: Buffer, number: number): Item[] {
      const json = objectIn(bytes, ['"usage"'])
      if (json === null) return nothing
      if (typeof json === 'string') return bad(number, json)
      const call = callIn(json, billing)
      if (call === null) return nothing
      if (typeof call === 'string') return bad(number, call)
      const before = held.get(call.key)
      held.delete(call.key)
      // when the first piece came is when it was made
      held.set(call.key, before ? { ...call, at: before.at } : call)
      if (held.size <= mostHeld) return nothing
      const [oldest] = held.values()
      if (!oldest) return nothing
      held.delete(oldest.key)
      return settled(oldest)
    },
    end: () => [...held.values()].flatMap(settled),
  }
}

/** null: the line is no answer of a model. A text: why it cannot be read. */
function callIn(json: Record<string, unknown>, billing: Billing): ImportCall | string | null {
  const message = objectOf(json.message)
  const model = nameIn(message.model)
  // what Claude Code writes itself, as when the API cannot be reached
  if (model === null || model === '<synthetic>' || json.isApiErrorMessage === true) return null
  if (json.type !== undefined && json.type !== 'assistant') return null
  const told: ToldUsage = {}
  takeUsage(told, message.usage)
  const usage = usageOf(told)
  const { tier, within } = servedAs(told)
  if (usage === null || isNothing(usage)) return null
  const at = instantIn(json.timestamp)
  if (at === undefined) return 'it has no time'
  const requestId = nameIn(json.requestId)
  // stand-ins for Anthropic name no request
  const key = requestId ?? nameIn(message.id) ?? `${at} ${model} ${JSON.stringify(message.usage)}`.slice(0, 500)
  return {
    key,
    request_id: requestId,
    at,
    provider: 'anthropic',
    model,
    client: 'claude-code',
    session: nameIn(json.sessionId),
    folder: folderId(json.cwd),
    billing,
    usage: rowOf(usage),
    ...(told.webSearches ? { web_searches: told.webSearches } : {}),
    ...(tier !== undefined && tier !== 'standard' ? { service_tier: tier } : {}),
    ...(within !== undefined && within !== 'anywhere' ? { served_within: within } : {}),
    // Claude Code before 1.0.9 worked it out for itself
    ...(isAmount(json.costUSD) ? { cost_usd: json.costUSD } : {}),
  }
}

export function rowOf(usage: Usage): NonNullable<ImportCall['usage']> {
  const { input, cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning } = usage
  return {
    input,
    cache_read: cacheRead,
    cache_write_5m: cacheWrite5m,
    cache_write_1h: cacheWrite1h,
    output,
    reasoning,
  }
}

function isNothing(usage: Usage): boolean {
  return Object.values(usage).every((tokens) => tokens === 0)
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 1_000_000
}
