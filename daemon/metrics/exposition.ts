/** Families as Prometheus reads them: its text format 0.0.4, or OpenMetrics 1.0 for whoever asks for that. */
import { boundsMs, type Measure } from '../ledger/histogram.ts'
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
      parameters
        .find((parameter) => parameter.startsWith(`${name}=`))
        ?.slice(name.length + 1)
        // a value may stand in quotes
        .replace(/^"(.*)"$/, '$1')
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
  let text = ''
  for (const family of families) {
    const { name, type, help } = family
    // OpenMetrics names a counter without the ending that its values have
    const named = format === 'openmetrics' && type === 'counter' ? name.replace(/_total$/, '') : name
    text += `# HELP ${named} ${format === 'openmetrics' ? escaped(help) : escapedHelp(help)}\n# TYPE ${named} ${type}\n`
    if (family.type === 'histogram') for (const spread of family.read(source)) text += linesOf(name, spread)
    else for (const { labels, value } of family.read(source)) text += lineOf(name, pairsOf(labels), value)
  }
  return format === 'openmetrics' ? `${text}# EOF\n` : text
}

/** The one form that OpenMetrics allows, in both formats, so that a series is the same whichever was asked for. */
const boundText = (ms: number) => (ms % 1000 === 0 ? `${ms / 1000}.0` : String(ms / 1000))
const boundTexts: Record<Measure, string[]> = {
  latency: boundsMs.latency.map(boundText),
  firstToken: boundsMs.firstToken.map(boundText),
  overhead: boundsMs.overhead.map(boundText),
}

/** Each bucket counts what is in those before it too. There are many of them: they are made from few parts. */
function linesOf(name: string, { labels, histogram, measure }: Spread): string {
  const bounds = boundTexts[measure]
  const pairs = pairsOf(labels)
  const begin = `${name}_bucket{${pairs === '' ? '' : `${pairs},`}le="`
  let count = 0
  let text = ''
  for (let at = 0; at < histogram.counts.length; at++) {
    count += histogram.counts[at] ?? 0
    text += `${begin}${bounds[at] ?? '+Inf'}"} ${count}\n`
  }
  return text + lineOf(`${name}_sum`, pairs, histogram.sumUs / 1e6) + lineOf(`${name}_count`, pairs, count)
}

function lineOf(name: string, pairs: string, value: number): string {
  return pairs === '' ? `${name} ${numberText(value)}\n` : `${name}{${pairs}} ${numberText(value)}\n`
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
}

function pairsOf(labels: Labels): string {
  let pairs = ''
  for (const name in labels) pairs += `${pairs === '' ? '' : ','}${name}="${escaped(labels[name] ?? '')}"`
  return pairs
}

function escaped(text: string): string {
  if (!/[\\"\n]/.test(text)) return text
  return text.replace(/[\\"\n]/g, (found) => (found === '\n' ? '\\n' : `\\${found}`))
}

/** In the text format a quote in a help stays as it is. */
function escapedHelp(text: string): string {
  return text.replace(/[\\\n]/g, (found) => (found === '\n' ? '\\n' : '\\\\'))
}
