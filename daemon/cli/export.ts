/** `tollkeeper export`: every single call as CSV or JSON, to standard output or into a file that is there whole or not at all. */
import type { IncomingMessage } from 'node:http'
import { resolve } from 'node:path'
import { Transform, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { queryOf } from '../../shared/client.ts'
import { endpoints } from '../../shared/contract/endpoints/index.ts'
import { codeOf } from '../store/disk.ts'
import { type Attached, attach } from './attach.ts'
import { openNewFile } from './export-file.ts'
import { localStream, refusalIn } from './http.ts'
import { type ExitCode, exit, type Io } from './io.ts'
import { openProgress, type Progress, silent, type Terminal } from './progress.ts'
import { answer, note, type Reason, refuse, refuseAs } from './say.ts'

export type ExportOptions = {
  home: string
  format: 'csv' | 'json'
  from?: string
  to?: string
  output?: string
  simulated: boolean
}

/** Where the records go without a file, and where the bar is drawn. */
export type Outlets = { stdout: Writable & { isTTY?: boolean }; stderr: Terminal }

const needsFile =
  '--json tells of the file, so it needs one: add --output FILE. As JSON themselves the calls are written with --format json.'

export async function exportCalls(options: ExportOptions, io: Io, outlets: Outlets = process): Promise<ExitCode> {
  if (io.json && options.output === undefined) return refuse(io, exit.badUsage, needsFile)
  const daemon = await attach(options.home, io)
  if (!daemon) return exit.fault
  const summary = await daemon.client.ask('summary', {})
  const kept = summary.ok ? summary.value.history : undefined
  const reply = await askFor(daemon, options)
  if ('reason' in reply) return refuseAs(io, reply.code, reply.reason)
  // a bar would run through records that go to the same terminal
  const isShown = !io.json && (options.output !== undefined || outlets.stdout.isTTY !== true)
  const bar = openProgress('Exporting', isShown ? outlets.stderr : silent)
  const since = Date.parse(options.from ?? kept?.from ?? '')
  const until = options.to === undefined ? io.now() : Date.parse(options.to) + 86_400_000
  const counter = openCounter(options.format, bar, since, until)
  const told = await write(reply, counter.step, options, outlets).finally(bar.end)
  if (told.kind === 'broke-off') {
    const why = `The export broke off after ${callsOf(counter.count())}: ${told.why}. ${told.left}`
    return refuse(io, exit.fault, why)
  }
  const cutAt = kept?.from && kept.dropped > 0 && !(since > Date.parse(kept.from)) ? kept.from : null
  if (options.output !== undefined) tellOf(resolve(options.output), counter.count(), cutAt, options, io)
  if (cutAt !== null) note(io, `Single calls reach back to ${cutAt.slice(0, 10)}; of older ones only sums are kept.`)
  return exit.fine
}

/** Records that go to standard output have it to themselves, so that of a file too only a program is answered there. */
function tellOf(file: string, calls: number, cutAt: string | null, { format }: ExportOptions, io: Io): void {
  // `calls_since`: older calls are only in the sums
  if (io.json) answer(io, { file, format, calls, calls_since: cutAt }, '')
  else note(io, `${file} holds ${callsOf(calls)}.`)
}

type Refused = { reason: Reason; code: 1 | 2 }

async function askFor({ url, discovery }: Attached, options: ExportOptions): Promise<IncomingMessage | Refused> {
  const { format, from: start_date, to: end_date, simulated } = options
  const query = queryOf({ format, start_date, end_date, simulated: simulated ? 'only' : undefined })
  try {
    const headers = { authorization: `Bearer ${discovery.token}` }
    const reply = await localStream(url + endpoints.costExport.path + query, headers)
    if (reply.statusCode === 200) return reply
    const { error, detail } = await refusalIn(reply)
    const reworded = detail.replaceAll("'start_date'", '--from').replaceAll("'end_date'", '--to')
    return { reason: { error, detail: reworded }, code: reply.statusCode === 400 ? exit.badUsage : exit.fault }
  } catch (error) {
    return { reason: { error: `No answer from ${url}`, detail: reasonOf(error) }, code: exit.fault }
  }
}

type Written = { kind: 'whole' } | { kind: 'broke-off'; why: string; left: string }

async function write(
  reply: IncomingMessage,
  counter: Transform,
  { output }: ExportOptions,
  { stdout }: Outlets,
): Promise<Written> {
  const stopped = new AbortController()
  const stop = () => stopped.abort(new Error('it was stopped'))
  process.once('SIGINT', stop)
  try {
    if (output === undefined) await pipeline(reply, counter, stdout, { end: false, signal: stopped.signal })
    else await intoFile(resolve(output), (file) => pipeline(reply, counter, file, { signal: stopped.signal }))
    return { kind: 'whole' }
  } catch (error) {
    reply.destroy()
    // whoever read it had enough, as `head` has
    if (output === undefined && codeOf(error) === 'EPIPE') return { kind: 'whole' }
    const why = stopped.signal.aborted ? 'it was stopped' : reasonOf(error)
    const left = output === undefined ? 'What was printed is not whole.' : `${resolve(output)} is as it was before.`
    return { kind: 'broke-off', why, left }
  } finally {
    process.off('SIGINT', stop)
  }
}

async function intoFile(path: string, fill: (file: Writable) => Promise<void>): Promise<void> {
  const file = await openNewFile(path)
  try {
    await fill(file.stream)
    await file.keep()
  } finally {
    await file.end()
  }
}

/** Passes everything on. Each record is a line, oldest first, so that the newest time says how far it is. Times in epoch ms. */
function openCounter(format: ExportOptions['format'], bar: Progress, since: number, until: number) {
  let lines = 0
  const step = new Transform({
    transform(chunk: Buffer, _, done) {
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines++
      const times = chunk.toString('latin1', Math.max(0, chunk.length - 1000)).match(/\d{4}-\d\d-\d\dT[\d:.]{12}Z/g)
      const newest = Date.parse(times?.at(-1) ?? '')
      if (until > since && !Number.isNaN(newest)) bar.show((newest - since) / (until - since))
      done(null, chunk)
    },
  })
  // the head, and of JSON the end
  return { step, count: () => Math.max(0, lines - (format === 'csv' ? 1 : 2)) }
}

function callsOf(count: number): string {
  return `${count.toLocaleString('en-US')} call${count === 1 ? '' : 's'}`
}

function reasonOf(error: unknown): string {
  if (codeOf(error) === 'ECONNRESET') return 'the daemon ended the connection'
  return error instanceof Error ? error.message : String(error)
}
