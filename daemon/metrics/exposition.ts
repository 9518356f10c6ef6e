/** Families as Prometheus reads them: its text format 0.0.4, or OpenMetrics 1.0 for whoever asks for that. */
import { boundsMs } from '../ledger/histogram.ts'
import type { Family, Labels, Source, Spread } from './family.ts'

export type Format = 'text' | 'openmetrics'

export const mediaTypes: Record<Format, string> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

/** Prometheus asks for both and says which it likes better (RFC 9110 section 12.5.1). */
export function formatFor(accept: string | undefined): Format {
  let best: { format: Format; weight: number } = { format: 'text', weight: 0 }
  for (const part of (accept ?? '').toLowerCase().split(',')) {
    const [type, ...parameters] = part.split(';').map((piece) => piece.trim())
    const told = (name: string) =>
      parameters.find((parameter) => parameter.startsWith(`${name}=`))?.slice(name.length + 1)
    const format = type === 'application/openmetrics-text' ? 'openmetrics' : isText(type) ? 'text' : undefined
    // of a version that does not exist yet nobody knows the form
    if (format === 'openmetrics' && !['1.0.0', '0.0.1', undefined].includes(told('version'))) continue
    const weight = Number(told('q') ?? 1)
    if (format !== undefined && weight > best.weight) best = { format, weight }
  }
  return best.format
}

function isText(type: string | undefined): boolean {
  return type === 'text/plain' || type === 'text/*' || type === '*/*'
}

/** A family without a value is named all the same, so that whoever looks for it learns that it is there. */
export function write(families: readonly Family[], source: Source, format: Format): string {
  const lines: string[] = []
  for (const family of families) {
    const { name, type, help } = family
    // OpenMetrics names a counter without the ending that its values have
    const named = format === 'openmetrics' && type === 'counter' ? name.replace(/_total$/, '') : name
    lines.push(
      `# HELP ${named} ${format === 'openmetrics' ? escaped(help) : escapedHelp(help)}`,
      `# TYPE ${named} ${type}`,
    )
    if (family.type === 'histogram') for (const spread of family.read(source)) lines.push(...linesOf(name, spread))
    else
      for (const { labels, value } of family.read(source))
        lines.push(`${name}${labelText(labels)} ${numberText(value)}`)
  }
  if (format === 'openmetrics') lines.push('# EOF')
  return `${lines.join('\n')}\n`
}

/** Each bucket counts what is in those before it too. */
function linesOf(name: string, { labels, histogram, measure }: Spread): string[] {
  const bounds = boundsMs[measure]
  let count = 0
  const lines = histogram.counts.map((own, at) => {
    count += own
    const bound = bounds[at]
    const le = bound === undefined ? '+Inf' : boundText(bound / 1000)
    return `${name}_bucket${labelText({ ...labels, le })} ${count}`
  })
  const text = labelText(labels)
  return [...lines, `${name}_sum${text} ${numberText(histogram.sumUs / 1e6)}`, `${name}_count${text} ${count}`]
}

/** The one form that OpenMetrics allows, in both formats, so that a series is the same whichever was asked for. */
function boundText(seconds: number): string {
  return Number.isInteger(seconds) ? `${seconds}.0` : String(seconds)
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(text: string): string {
  return text.replace(/[\\"\n]/g, (found) => (found === '\n' ? '\\n' : `\\${found}`))
}

/** In the text format a quote in a help stays as it is. */
function escapedHelp(text: string): string {
  return text.replace(/[\\\n]/g, (found) => (found === '\n' ? '\\n' : '\\\\'))
}
