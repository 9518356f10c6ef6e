/** Reads our own export, as CSV or as JSON: eight fields a call, with the cost that was stamped when it was made. */
import type { ImportCall } from '../../../shared/contract/endpoints/import.ts'
import { type Billing, bad, type IsNew, type Item, instantIn, nameIn, nothing, type Reader } from './reader.ts'

/** The first line of the CSV. */
const exportHeader = 'timestamp,provider,model,task_type,tokens_input,tokens_output,cost_usd,latency_ms'
const fields = exportHeader.split(',')

type Of = { billing: Billing; isNew: IsNew }

/** Lines are those of a text without a line end inside of quotes; our names have none. */
export function csvReader(of: Of): Reader {
  return {
    source: 'export',
    open: () => ({
      line(bytes: Buffer, number: number): Item[] {
        const text = bytes.toString('utf8')
        if (text === '' || (number === 1 && isHeader(text))) return nothing
        const cells = cellsOf(text)
        if (cells?.length !== fields.length) return bad(number, `it has not the ${fields.length} fields of an export`)
        return itemOf(Object.fromEntries(fields.map((field, at) => [field, unguarded(cells[at] ?? '')])), number, of)
      },
      end: () => nothing,
    }),
  }
}

export function isHeader(line: string): boolean {
  return line.replace(/^\ufeff/, '').trim() === exportHeader
}

/** The records of `{…, "records": [{…}, …]}`, wherever lines end: each is an object of an object's list, without one in itself. */
export function exportReader(of: Of): Reader {
  return { source: 'export', inPieces: true, open: () => openRecords(of) }
}

/** More than any record takes. */
const mostPending = 64 * 1024

function openRecords(of: Of) {
  const decoder = new TextDecoder()
  let pending = ''
  return {
    line(bytes: Buffer, number: number): Item[] {
      pending += decoder.decode(bytes, { stream: true })
      const items: Item[] = []
      for (;;) {
        const found = /\{[^{}"]*(?:"(?:[^"\\]|\\.)*"[^{}"]*)*\}/.exec(pending)
        if (!found) break
        pending = pending.slice(found.index + found[0].length)
        items.push(...recordIn(found[0], number, of))
      }
      // what came before a record that has begun is of no use any more
      if (pending.length > mostPending) pending = pending.slice(-mostPending)
      return items
    },
    end: () => nothing,
  }
}

function recordIn(text: string, number: number, of: Of): Item[] {
  let json: Record<string, unknown>
  try {
    json = JSON.parse(text) as Record<string, unknown>
  } catch {
    // the parser's own message would quote it
    return bad(number, 'a record in it is no JSON')
  }
  // the export's own head has a period, which is an object too
  return 'timestamp' in json ? itemOf(json, number, of) : nothing
}

function itemOf(record: Record<string, unknown>, line: number, { billing, isNew }: Of): Item[] {
  const call = callOf(record, billing)
  if (typeof call === 'string') return bad(line, call)
  return isNew(call.key) ? [{ kind: 'call', call }] : nothing
}

function callOf(record: Record<string, unknown>, billing: Billing): ImportCall | string {
  const at = instantIn(record.timestamp)
  const [provider, model] = [nameIn(record.provider), nameIn(record.model)]
  if (at === undefined) return 'its timestamp is no time'
  if (provider === null || model === null) return 'it names no provider and model'
  const [input, output] = [numberIn(record.tokens_input), numberIn(record.tokens_output)]
  const [cost, latency] = [numberIn(record.cost_usd), numberIn(record.latency_ms)]
  if (input === undefined || output === undefined || !Number.isInteger(input ?? 0) || !Number.isInteger(output ?? 0))
    return 'its tokens are no whole numbers'
  if (cost === undefined || latency === undefined) return 'its cost or latency is no number'
  const task = nameIn(record.task_type)
  const isTold = input !== null || output !== null
  return {
    // the same from CSV and JSON
    key: [at, provider, model, task, input, output, cost, latency].join(' ').slice(0, 500),
    request_id: null,
    at,
    provider,
    model,
    client: 'unknown',
    ...(task !== null && { task }),
    session: null,
    folder: null,
    billing,
    usage: isTold
      ? { input: input ?? 0, output: output ?? 0, cache_read: 0, cache_write_5m: 0, cache_write_1h: 0, reasoning: 0 }
      : null,
    cost_usd: cost,
    latency_ms: Math.min(latency ?? 0, 86_400_000),
  }
}

/** null: empty. undefined: no number that could be one of ours. */
function numberIn(value: unknown): number | null | undefined {
  if (value === null || value === undefined || value === '') return null
  const number = typeof value === 'number' ? value : typeof value === 'string' ? Number(value) : Number.NaN
  return Number.isFinite(number) && number >= 0 && number <= 1e12 ? number : undefined
}

/** RFC 4180: a cell in quotes holds commas, and quotes twice. undefined: a quote does not end. */
function cellsOf(line: string): string[] | undefined {
  const cells: string[] = []
  for (let at = 0; at <= line.length; ) {
    const quoted = line[at] === '"'
    const found = quoted ? /"((?:[^"]|"")*)"(?:,|\r?$)/y : /([^,"\r]*)(?:,|\r?$)/y
    found.lastIndex = at
    const cell = found.exec(line)
    if (!cell) return undefined
    cells.push((cell[1] ?? '').replaceAll('""', '"'))
    at += cell[0].length
    if (!cell[0].endsWith(',')) return cells
  }
  return cells
}

/** A cell that a spreadsheet would take for a formula was written behind an apostrophe. */
function unguarded(cell: string): string {
  return /^'[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell
}
