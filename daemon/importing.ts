/** Adds calls that did not come through the daemon to the history, each once, in steps so small that no call waits for them. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Asked, ReplyOf } from '../shared/contract/endpoint.ts'
import type { ImportSum, importRows } from '../shared/contract/endpoints/import.ts'
import type { AttemptEnded } from '../shared/contract/event.ts'
import type { Log } from '../shared/contract/log.ts'
import { totalTokensOf } from '../shared/contract/usage.ts'
import type { InUse } from './config-in-use.ts'
import { importedEvent, toldOf } from './imported-event.ts'
import { usdOf } from './ledger/views/rows.ts'
import { dateOf } from './ledger/zone.ts'
import type { Book } from './store/book.ts'
import { marksOfEnded, marksOfTold } from './store/call-marks.ts'

type Batch = Asked<typeof importRows.importCalls>['body']
type Imported = ReplyOf<typeof importRows.importCalls> | { refused: string }

export type ImportDeps = {
  book: Pick<Book, 'ledger' | 'watch' | 'knownCalls' | 'figures' | 'record' | 'written'>
  inUse(): InUse
  newRequestId(): string
  /** Epoch ms. */
  now(): number
  log: Log
  /** How long what is known of the history is kept in memory after the last batch. Default 1 min. */
  idleMs?: number
}

export type Importing = { take(batch: Batch): Promise<Imported>; close(): void }

/** Of one import: what the history held at its beginning and what came to it since, each run ascending; and the newest of it. */
type Known = { runs: Float64Array[]; more: Set<number> }

/** A set takes several times the memory of a sorted run, which is sorted in a few milliseconds at this size. */
const mostInSet = 50_000

/** No step takes the loop longer; a price that was not asked for lately takes a part of it. */
const stepMs = 2
const faultsShown = 20
const earliest = Date.parse('2020-01-01T00:00:00Z')
const dayMs = 24 * 60 * 60 * 1000
/** Lines that wait for a failing disk: more would push out those of calls. */
const mostWaiting = 1000

export function openImporting(deps: ImportDeps): Importing {
  let known: Known | null = null
  let forgetting: NodeJS.Timeout | undefined
  let turn: Promise<unknown> = Promise.resolve()
  let closed = false
  const stopWatching = deps.book.watch(({ e, t }) => {
    // what this adds is known at once
    if (known && e.type === 'attempt.ended' && e.imported === undefined)
      for (const mark of marksOfEnded(e, t)) known.more.add(mark)
  })

  function forget(): void {
    known = null
  }

  function forgetLater(): void {
    clearTimeout(forgetting)
    forgetting = setTimeout(forget, deps.idleMs ?? 60_000)
    forgetting.unref()
  }

  /** The watcher fills `more` from before the history is read. */
  async function knownNow(): Promise<Known | { refused: string }> {
    if (known) return known
    const begun: Known = { runs: [], more: new Set() }
    known = begun
    const gathered = await deps.book.knownCalls().catch((error: unknown) => {
      forget()
      throw error
    })
    if (gathered.kind === 'gathered') {
      begun.runs.push(gathered.marks)
      return begun
    }
    forget()
    return { refused: `What the history holds could not be read: ${gathered.why}. Nothing more was added; try again.` }
  }

  function whyNot(): string | undefined {
    if (closed) return 'The daemon is stopping. Nothing more was added; start it again and try once more.'
    if (!deps.inUse().settings.recording)
      return 'Recording is off ("usage-statistics-enabled": false in config.jsonc): nothing more is added to the history. Switch it on for the import.'
    if (deps.book.figures().backlog > mostWaiting)
      return 'The history cannot be written now, so nothing more is added. Make room on the disk, then try again.'
    return undefined
  }

  async function takeOne(batch: Batch): Promise<Imported> {
    const refused = whyNot()
    if (refused !== undefined) return { refused }
    clearTimeout(forgetting)
    const found = await knownNow()
    if ('refused' in found) return found
    const tally = openTally((at) => dateOf(deps.book.ledger.zone.dayOf(at)).slice(0, 7))
    // of a dry run nothing stays known but within the batch
    const fresh = batch.dry_run ? new Set<number>() : found.more
    pack(found)
    let began = performance.now()
    for (const [at, call] of batch.calls.entries()) {
      if (performance.now() - began > stepMs) {
        await nextTurn()
        const stopped = whyNot()
        if (stopped !== undefined) return { refused: stopped }
        began = performance.now()
      }
      takeCall(batch, at, call, { ...found, fresh }, tally)
    }
    await deps.book.written()
    const { added, known: before, bad } = tally.reply
    if (!batch.dry_run) deps.log.info('Imported calls', { source: batch.source, added, known: before, bad })
    return { ...tally.reply, sums: tally.sums() }
  }

  function takeCall(
    batch: Batch,
    at: number,
    call: Batch['calls'][number],
    { runs, more, fresh }: Known & { fresh: Set<number> },
    tally: Tally,
  ): void {
    const told = toldOf(batch.source, call)
    if (!told || told.at < earliest || told.at > deps.now() + dayMs)
      return tally.bad(at, `no call was made at ${call.at}`)
    const isKnown = (mark: number) => more.has(mark) || fresh.has(mark) || runs.some((run) => has(run, mark))
    if (marksOfTold(told).some(isKnown)) return tally.known()
    const { providers, priceOf } = deps.inUse()
    const event = importedEvent({ told, call }, deps.newRequestId(), { providers, priceOf })
    for (const mark of marksOfEnded(event, told.at)) fresh.add(mark)
    if (!batch.dry_run) deps.book.record(event)
    tally.added(event)
  }

  return {
    take(batch) {
      const taken = turn.then(() => takeOne(batch)).finally(forgetLater)
      // one batch after the other; who asked for this one is told what went wrong with it
      turn = taken.catch(() => undefined)
      return taken
    },
    close() {
      closed = true
      stopWatching()
      forget()
    },
  }
}

function pack({ runs, more }: Known): void {
  if (more.size < mostInSet) return
  runs.push(Float64Array.from(more).sort())
  more.clear()
}

function has(sorted: Float64Array, mark: number): boolean {
  let [from, to] = [0, sorted.length]
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((sorted[middle] ?? 0) < mark) from = middle + 1
    else to = middle
  }
  return sorted[from] === mark
}

type Tally = ReturnType<typeof openTally>

/** Integers are added up, and become USD at the end. */
function openTally(monthOf: (at: number) => string) {
  type Row = Omit<ImportSum, 'cost_usd' | 'billed_usd'> & { cost: number; billed: number }
  const rows = new Map<string, Row>()
  const reply = { added: 0, known: 0, bad: 0, faults: [] as { at: number; why: string }[] }

  function rowOf({ imported, provider, model, billing, startedAt }: AttemptEnded): Row {
    const month = monthOf(startedAt)
    const key = JSON.stringify([provider, model, month, billing])
    const empty = { calls: 0, tokens: 0, cost: 0, billed: 0, unpriced_calls: 0 }
    const row = rows.get(key) ?? { source: imported ?? 'export', provider, model, month, billing, ...empty }
    rows.set(key, row)
    return row
  }

  return {
    reply,
    bad(at: number, why: string): void {
      reply.bad++
      if (reply.faults.length < faultsShown) reply.faults.push({ at, why })
    },
    known(): void {
      reply.known++
    },
    added(e: AttemptEnded): void {
      reply.added++
      const row = rowOf(e)
      row.calls++
      row.tokens += e.usage ? totalTokensOf(e.usage) : 0
      row.cost += e.cost ?? 0
      row.billed += e.billed ?? 0
      if (e.cost === null) row.unpriced_calls++
    },
    sums: (): ImportSum[] =>
      [...rows.values()].map(({ cost, billed, ...row }) => ({
        ...row,
        cost_usd: usdOf(cost),
        billed_usd: usdOf(billed),
      })),
  }
}
