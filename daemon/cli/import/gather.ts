/** Reads every file of the places that were found, and sends the calls in them to the daemon in batches. */
import type { ImportCall, ImportSum } from '../../../shared/contract/endpoints/import.ts'
import type { ImportSource } from '../../../shared/contract/event.ts'
import { markOf } from '../../store/call-marks.ts'
import { claudeReader } from './claude.ts'
import { codexReader } from './codex.ts'
import { csvReader, exportReader } from './export.ts'
import { itemsIn } from './lines.ts'
import type { Kind, Place } from './places.ts'
import type { Billing, Item, Reader } from './reader.ts'
import { usageLinesReader } from './usage-lines.ts'

type Fault = { file: string; line: number | null; why: string }
export type Result = {
  added: number
  known: number
  /** Lines that could not be read, and calls that cannot be right. */
  bad: number
  /** Answers that may still be under way. */
  waiting: number
  faults: Fault[]
  sums: ImportSum[]
}

/** The daemon's answer to one batch; a text: why it takes none. */
export type Send = (
  source: ImportSource,
  calls: ImportCall[],
) => Promise<
  | { added: number; known: number; bad: number; faults: { at: number; why: string }[]; sums: ImportSum[] }
  | { refused: string }
>

export type GatherOptions = {
  billing: Billing | undefined
  /** Epoch ms. */
  now: number
  send: Send
  onBytes(bytes: number): void
}

/** Well below what the daemon takes, and small enough that it is read in a moment. */
const atOnce = 200
const faultsShown = 5

export async function gather(
  places: readonly Place[],
  { billing, now, send, onBytes }: GatherOptions,
): Promise<Result & { refused?: string }> {
  const result = { added: 0, known: 0, bad: 0, waiting: 0, faults: [] as Fault[], sums: new Map<string, ImportSum>() }
  const wrong = (fault: Fault) => {
    result.bad++
    if (result.faults.length < faultsShown) result.faults.push(fault)
  }
  const readerOf = openReaders(billing, now)
  let batch: { call: ImportCall; file: string }[] = []

  async function sendBatch(source: ImportSource): Promise<string | undefined> {
    const sent = batch
    batch = []
    if (sent.length === 0) return undefined
    const reply = await send(
      source,
      sent.map(({ call }) => call),
    )
    if ('refused' in reply) return reply.refused
    result.added += reply.added
    result.known += reply.known
    result.bad += reply.bad - reply.faults.length
    for (const { at, why } of reply.faults) wrong({ file: sent[at]?.file ?? '', line: null, why })
    for (const sum of reply.sums) addSum(result.sums, sum)
    return undefined
  }

  function take(item: Item, file: string): void {
    if (item.kind === 'waits') result.waiting++
    else if (item.kind === 'bad') wrong({ file, line: item.line, why: item.why })
    else batch.push({ call: item.call, file })
  }

  async function readFile(path: string, reader: Reader): Promise<string | undefined> {
    for await (const item of itemsIn(path, reader, onBytes)) {
      take(item, path)
      if (batch.length < atOnce) continue
      const refused = await sendBatch(reader.source)
      if (refused !== undefined) return refused
    }
    return undefined
  }

  const done = (refused?: string) => ({
    ...result,
    sums: [...result.sums.values()].sort(byMonth),
    ...(refused === undefined ? {} : { refused }),
  })
  for (const { kind, files } of places) {
    const reader = readerOf(kind)
    for (const { path } of files) {
      try {
        const refused = await readFile(path, reader)
        if (refused !== undefined) return done(refused)
      } catch (error) {
        wrong({ file: path, line: null, why: error instanceof Error ? error.message : String(error) })
      }
    }
    const refused = await sendBatch(reader.source)
    if (refused !== undefined) return done(refused)
  }
  return done()
}

/** One reader a kind, for all its places. What a subscription paid for cannot be told from the logs: assistants are taken to have one. */
function openReaders(asked: Billing | undefined, now: number): (kind: Kind) => Reader {
  const seen = new Set<number>()
  const isNewOf = (source: ImportSource) => (key: string) => {
    const mark = markOf(source, key)
    if (seen.has(mark)) return false
    seen.add(mark)
    return true
  }
  const plan = asked ?? 'plan'
  const metered = asked ?? 'metered'
  const readers: Record<Kind, Reader> = {
    'claude-code': claudeReader({ billing: plan, now, isNew: isNewOf('claude-code') }),
    codex: codexReader({ billing: plan, isNew: isNewOf('codex') }),
    'usage-jsonl': usageLinesReader({ billing: metered, isNew: isNewOf('usage-jsonl') }),
    'export-csv': csvReader({ billing: metered, isNew: isNewOf('export') }),
    'export-json': exportReader({ billing: metered, isNew: isNewOf('export') }),
  }
  return (kind) => readers[kind]
}

function addSum(sums: Map<string, ImportSum>, more: ImportSum): void {
  const key = JSON.stringify([more.source, more.provider, more.model, more.month, more.billing])
  const known = sums.get(key)
  if (!known) return void sums.set(key, { ...more })
  known.calls += more.calls
  known.tokens += more.tokens
  known.unpriced_calls += more.unpriced_calls
  known.cost_usd = roundUsd(known.cost_usd + more.cost_usd)
  known.billed_usd = roundUsd(known.billed_usd + more.billed_usd)
}

function roundUsd(usd: number): number {
  return Math.round(usd * 1e9) / 1e9
}

function byMonth(a: ImportSum, b: ImportSum): number {
  const [left, right] = [a, b].map((sum) => `${sum.source} ${sum.month} ${sum.provider} ${sum.model} ${sum.billing}`)
  return (left ?? '') < (right ?? '') ? -1 : 1
}
