/** What an import says to people: what it found, and what became of it. */
import type { ImportSum } from '../../../shared/contract/endpoints/import.ts'
import { price, tokens } from '../../../shared/format.ts'
import { printable, tableOf } from '../table.ts'
import type { Result } from './gather.ts'
import type { Kind, Place } from './places.ts'

const titles: Record<Kind, string> = {
  'claude-code': 'Claude Code',
  codex: 'Codex',
  'usage-jsonl': 'usage as JSON Lines',
  'export-csv': 'an export (CSV)',
  'export-json': 'an export (JSON)',
}

export function foundText(places: readonly Place[]): string {
  const rows = places.map(({ kind, at, files }) => {
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    return [titles[kind], `${files.length} ${files.length === 1 ? 'file' : 'files'}`, size(bytes), at]
  })
  const columns = ['found', '', '', 'at'].map((title, i) => ({ title, align: i === 1 || i === 2 ? right : left }))
  return `${tableOf(columns, rows).join('\n')}\n`
}

const [left, right] = ['left', 'right'] as const

export function resultText(result: Result, dryRun: boolean): string {
  const { added, known, bad, waiting, sums } = result
  const verb = dryRun ? 'would be added' : added === 1 ? 'was added' : 'were added'
  const lines = [`${calls(added)} ${verb}; ${calls(known)} ${known === 1 ? 'is' : 'are'} in the history already.`]
  if (waiting > 0) lines.push(`${calls(waiting)} may still be under way: import again later.`)
  if (bad > 0) lines.push(...faultLines(result))
  if (sums.length > 0) lines.push('', ...tableOf(columns, sums.map(rowOf)))
  const unpriced = sums.reduce((sum, row) => sum + row.unpriced_calls, 0)
  if (unpriced > 0)
    lines.push(
      '',
      `≥ No price is known for ${calls(unpriced)}: set one under "prices" in config.jsonc before you import.`,
    )
  return `${lines.join('\n')}\n`
}

function faultLines({ bad, faults }: Result): string[] {
  const shown = faults.map(({ file, line, why }) => printable(`  ${file}${line === null ? '' : `:${line}`}: ${why}`))
  const more = bad > faults.length ? [`  and ${bad - faults.length} more`] : []
  return [`${bad} could not be read:`, ...shown, ...more]
}

const columns = [
  ...['from', 'month', 'model', 'billing'].map((title) => ({ title, align: left })),
  ...['calls', 'tokens', 'list price', 'billed'].map((title) => ({ title, align: right })),
]

function rowOf(sum: ImportSum): string[] {
  const least = sum.unpriced_calls > 0 ? '≥ ' : ''
  return [
    ...[sum.source, sum.month, `${sum.provider}/${sum.model}`, sum.billing, String(sum.calls), tokens(sum.tokens)],
    ...[`${least}${price(sum.cost_usd)}`, `${least}${price(sum.billed_usd)}`],
  ]
}

function calls(count: number): string {
  return count === 1 ? '1 call' : `${count} calls`
}

function size(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}

/** One line that is written over; `done` takes it away. Nothing but on a terminal. */
export function openProgress(total: number, out: { isTTY?: boolean; write(text: string): unknown } | undefined) {
  let read = 0
  let shown = -1
  return {
    more(bytes: number): void {
      read += bytes
      const percent = total === 0 ? 100 : Math.min(100, Math.floor((read / total) * 100))
      if (!out?.isTTY || percent === shown) return
      shown = percent
      const full = Math.round(percent / 4)
      out.write(`\r${'█'.repeat(full)}${'░'.repeat(25 - full)} ${percent} % of ${size(total)}`)
    },
    done(): void {
      if (out?.isTTY && shown !== -1) out.write(`\r${' '.repeat(60)}\r`)
    },
  }
}
