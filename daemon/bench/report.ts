/** Puts the figures of the rounds together and says them as a table, each with its target. */
import { median } from './load.ts'

/** Who stands between the client and the upstream. */
export const ways = ['direct', 'node:http', 'undici', 'daemon'] as const
export type Way = (typeof ways)[number]
/** One figure a round, by way. */
export type Rounds = Record<Way, number[]>
export const noRounds = (): Rounds => ({ direct: [], 'node:http': [], undici: [], daemon: [] })

export type Figures = {
  /** Milliseconds of one call on one connection, p50. */
  single: Rounds
  /** Calls a second on 64 connections. */
  many: Rounds
  /** Milliseconds to the first body byte of a stream, p50: at full speed, and at a chunk a millisecond. */
  firstByte: Rounds
  pacedFirstByte: Rounds
  idleMb: number | null
  loadedMb: number | null
  readyMs: number
  failed: number
}

type Line = { what: string; cells: string[]; result: string; target: string; met: boolean | null }

export function reportOf(figures: Figures, machine: string): string {
  const lines = [...compared(figures), ...alone(figures)]
  const head = ['', ...ways, 'result', 'target']
  const table = [
    head,
    ...lines.map((line) => [line.what, ...line.cells, line.result, `${line.target}${verdict(line.met)}`]),
  ]
  const widths = head.map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length)))
  const text = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const failed = figures.failed === 0 ? [] : [`${figures.failed} calls failed: the figures are not to be trusted.`]
  return [
    machine,
    '',
    ...text,
    '',
    'Medians of the rounds; ms a call in each cell, or calls a second.',
    ...failed,
  ].join('\n')
}

function verdict(met: boolean | null): string {
  return met === null ? '' : met ? '  met' : '  MISSED'
}

function compared({ single, many, firstByte, pacedFirstByte }: Figures): Line[] {
  const daemonAdds = added(single, 'daemon')
  const pipeAdds = Math.min(added(single, 'node:http'), added(single, 'undici'))
  const addedRatio = daemonAdds / pipeAdds
  const rateRatio = median(many.daemon) / Math.max(median(many['node:http']), median(many.undici))
  return [
    {
      what: '1 connection, 4 KB JSON, p50',
      cells: ways.map((way) => ms(median(single[way]))),
      result: `adds ${ms(daemonAdds)}, ${addedRatio.toFixed(2)} × the pipe's ${ms(pipeAdds)}`,
      target: '≤ 2 ×, aim 1.3 ×',
      met: addedRatio <= 2,
    },
    {
      what: '64 connections, calls/s',
      cells: ways.map((way) => median(many[way]).toFixed(0)),
      result: `${rateRatio.toFixed(2)} × the pipe's`,
      target: '≥ 0.6 ×, aim 0.75 ×',
      met: rateRatio >= 0.6,
    },
    firstByteLine('300 chunks at full speed, first byte, p50', firstByte),
    firstByteLine('300 chunks, one a ms, first byte, p50', pacedFirstByte),
  ]
}

function firstByteLine(what: string, rounds: Rounds): Line {
  const adds = added(rounds, 'daemon')
  const cells = ways.map((way) => ms(median(rounds[way])))
  return { what, cells, result: `adds ${ms(adds)}`, target: '≤ 1 ms', met: adds <= 1 }
}

function alone({ idleMb, loadedMb, readyMs }: Figures): Line[] {
  const mb = (size: number | null) => (size === null ? 'unknown' : `${size.toFixed(0)} MB`)
  const cells = ways.map(() => '')
  return [
    { what: 'memory, idle', cells, result: mb(idleMb), target: '< 120 MB', met: idleMb === null ? null : idleMb < 120 },
    { what: 'memory, after the load', cells, result: mb(loadedMb), target: '', met: null },
    { what: 'ready after', cells, result: `${readyMs.toFixed(0)} ms`, target: '< 1500 ms', met: readyMs < 1500 },
  ]
}

/** What a way adds to the direct one, round by round, so that a slow moment of the machine falls out. */
function added(rounds: Rounds, way: Way): number {
  return median(rounds[way].map((value, round) => value - (rounds.direct[round] ?? Number.NaN)))
}

function ms(value: number): string {
  return `${value.toFixed(3)} ms`
}
