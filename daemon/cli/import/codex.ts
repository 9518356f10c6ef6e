/** Reads Codex' session logs (`sessions/**\/rollout-*.jsonl`): each answer is followed by a line with the session's sums so far. */
import type { ImportCall } from '../../../shared/contract/endpoints/import.ts'
import { countOf, isObject, type JsonObject, objectOf } from '../../dialects/loose-json.ts'
import { usageOf } from '../../dialects/openai-usage.ts'
import { rowOf } from './claude.ts'
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

/** Input has the cached tokens in it, output those of reasoning. */
type Counts = { input: number; cached: number; written: number; output: number; reasoning: number }

const marks = ['token_count', 'turn_context', 'session_meta']

/**
 * A session that was forked, or that a session started for a part of its work, begins with a copy of what happened before, with
 * new times. So a call is known by the first session of its line and by the sums at its end, which the copy repeats.
 */
export function codexReader(of: { billing: Billing; isNew: IsNew }): Reader {
  const roots = new Map<string, string>()
  return { source: 'codex', open: () => openRollout(of, roots) }
}

type Session = { id: string; root: string; cwd: unknown; provider: string | null }

function openRollout({ billing, isNew }: Parameters<typeof codexReader>[0], roots: Map<string, string>) {
  let session: Session | null = null
  let model: string | null = null
  let before: { text: string; counts: Counts } | null = null

  function meta(payload: JsonObject): void {
    const id = nameIn(payload.id)
    if (id === null) return
    const from = nameIn(payload.forked_from_id)
    const root = (from === null ? undefined : (roots.get(from) ?? from)) ?? roots.get(id) ?? id
    session ??= { id, root, cwd: payload.cwd, provider: nameIn(payload.model_provider) }
    // a second one is that of the session which was copied; ids are in the order of time (UUIDv7)
    if (root < session.root) session.root = root
    roots.set(session.id, session.root)
  }

  function counted(json: JsonObject, number: number): Item[] {
    const info = objectOf(objectOf(json.payload).info)
    const total = countsIn(info.total_token_usage)
    const last = countsIn(info.last_token_usage)
    const text = JSON.stringify([total, last])
    // said once more, with nothing new, when limits change; or it says of limits alone
    if (total === null && last === null) return nothing
    if (before && total && sameCounts(total, before.counts)) return nothing
    const used = last ?? (total && minus(total, before?.counts))
    before = { text, counts: total ?? before?.counts ?? noCounts }
    const at = instantIn(json.timestamp)
    if (at === undefined) return bad(number, 'it has no time')
    if (!used || used.input + used.output === 0) return nothing
    const key = `${session?.root ?? ''} ${total ? text : `${at} ${text}`}`.slice(0, 500)
    return isNew(key) ? [{ kind: 'call', call: callOf(key, at, used) }] : nothing
  }

  function callOf(key: string, at: string, used: Counts): ImportCall {
    const provider = session?.provider ?? 'openai'
    // the provider of subscribers has its own name here
    const isPlan = provider === 'openai' && billing === 'plan'
    return {
      key,
      request_id: null,
      at,
      provider: isPlan ? 'codex' : provider,
      model: model ?? 'unknown',
      client: 'codex',
      session: session?.id ?? null,
      folder: folderId(session?.cwd),
      billing: provider === 'openai' ? billing : 'metered',
      usage: rowOf(usageOf(used)),
    }
  }

  return {
    line(bytes: Buffer, number: number): Item[] {
      const json = objectIn(bytes, marks)
      if (json === null) return nothing
      if (typeof json === 'string') return bad(number, json)
      const payload = objectOf(json.payload)
      if (json.type === 'session_meta') meta(payload)
      else if (json.type === 'turn_context') model = nameIn(payload.model) ?? model
      else if (json.type === 'event_msg' && payload.type === 'token_count') return counted(json, number)
      return nothing
    },
    end: () => nothing,
  }
}

const noCounts: Counts = { input: 0, cached: 0, written: 0, output: 0, reasoning: 0 }

function countsIn(value: unknown): Counts | null {
  if (!isObject(value)) return null
  return {
    input: countOf(value.input_tokens) ?? 0,
    cached: countOf(value.cached_input_tokens) ?? 0,
    written: countOf(value.cache_write_input_tokens) ?? 0,
    output: countOf(value.output_tokens) ?? 0,
    reasoning: countOf(value.reasoning_output_tokens) ?? 0,
  }
}

function sameCounts(a: Counts, b: Counts): boolean {
  return a.input === b.input && a.cached === b.cached && a.output === b.output && a.reasoning === b.reasoning
}

/** Where sums have begun anew, what stands there is what was used since. */
function minus(total: Counts, before: Counts | undefined): Counts {
  if (!before || total.input < before.input || total.output < before.output) return total
  const less = (field: keyof Counts) => Math.max(0, total[field] - before[field])
  return {
    input: less('input'),
    cached: less('cached'),
    written: less('written'),
    output: less('output'),
    reasoning: less('reasoning'),
  }
}
