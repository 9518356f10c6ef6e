/** Records as CSV (RFC 4180) or JSON, a piece at a time. */
import type { ExportRecord } from '../../shared/contract/endpoints/cost.ts'

const columns = [
  'timestamp',
  'provider',
  'model',
  'task_type',
  'tokens_input',
  'tokens_output',
  'cost_usd',
  'latency_ms',
] as const satisfies readonly (keyof ExportRecord)[]

/** What is made of them in one step: the event loop goes on between two. */
const recordsAPiece = 250

export async function* csvOf(records: AsyncIterable<readonly ExportRecord[]>): AsyncGenerator<string> {
  yield `${columns.join(',')}\r\n`
  for await (const some of piecesOf(records)) yield some.map((record) => `${csvLine(record)}\r\n`).join('')
}

/** Each record on a line of its own. */
export async function* jsonOf(
  head: { export_date: string; period: { start_date: string; end_date: string } },
  records: AsyncIterable<readonly ExportRecord[]>,
): AsyncGenerator<string> {
  yield `${JSON.stringify(head).slice(0, -1)},"records":[`
  let separator = '\n'
  for await (const some of piecesOf(records)) {
    yield separator + some.map((record) => JSON.stringify(record)).join(',\n')
    separator = ',\n'
  }
  yield '\n]}\n'
}

async function* piecesOf(records: AsyncIterable<readonly ExportRecord[]>): AsyncGenerator<readonly ExportRecord[]> {
  for await (const some of records) {
    for (let at = 0; at < some.length; at += recordsAPiece) yield some.slice(at, at + recordsAPiece)
  }
}

function csvLine(record: ExportRecord): string {
  return columns.map((column) => cellOf(record[column])).join(',')
}

/** Names come from outside, and a spreadsheet takes what begins with one of these signs for a formula: an apostrophe makes it text. */
function cellOf(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return decimalOf(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Never as `1.4e-7`; money has nine places at most. */
function decimalOf(value: number): string {
  const text = String(value)
  return text.includes('e') ? value.toFixed(9).replace(/\.?0+$/, '') : text
}
