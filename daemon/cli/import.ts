/** `tollkeeper import`: adds to the history what assistants and others have kept of calls that did not come through here. */
import { homedir } from 'node:os'
import { openClient } from '../../shared/client.ts'
import { findDaemon } from '../discovery.ts'
import { type Attached, attach } from './attach.ts'
import { localFetchWithin } from './http.ts'
import { gather, type Send } from './import/gather.ts'
import { type Around, assistants, knownPlaces, type Place, placesAt } from './import/places.ts'
import type { Billing } from './import/reader.ts'
import { foundText, openProgress, resultText } from './import/report.ts'
import { type ExitCode, exit, type Io } from './io.ts'
import { launch } from './launch.ts'
import { answer, note, refuse } from './say.ts'

export type ImportOptions = { home: string; source?: string; billing?: Billing; dryRun: boolean }

const startMs = 10_000
/** The first answer waits until a long history was read through. */
const replyMs = 10 * 60_000

export async function importCalls(options: ImportOptions, io: Io, userHome = homedir()): Promise<ExitCode> {
  const { dryRun, billing } = options
  const places = await placesFor(options.source, { env: io.env, userHome, cwd: process.cwd() })
  if (typeof places === 'string') return refuse(io, exit.fault, places)
  if (!io.json) io.out(`${foundText(places)}\n`)
  const daemon = await daemonFor(options.home, io)
  if (!daemon) return exit.fault
  const { url, discovery } = daemon
  const client = openClient({ url, token: discovery.token, fetch: localFetchWithin(replyMs) })
  const send: Send = async (source, calls) => {
    const reply = await client.ask('importCalls', { body: { source, calls, ...(dryRun && { dry_run: true }) } })
    return reply.ok ? reply.value : { refused: `${reply.error.error}: ${reply.error.detail}` }
  }
  const total = places.flatMap(({ files }) => files).reduce((sum, { bytes }) => sum + bytes, 0)
  const progress = openProgress(total, io.json ? undefined : process.stderr)
  const { refused, ...result } = await gather(places, { billing, now: io.now(), send, onBytes: progress.more })
  progress.done()
  const read = places.map(({ kind, at, files }) => ({ kind, at, files: files.length }))
  const code = answer(io, { dry_run: dryRun, read, ...result }, resultText(result, dryRun))
  return refused === undefined ? code : refuse(io, exit.fault, `It ended before the last file. ${refused}`)
}

async function placesFor(source: string | undefined, around: Around): Promise<Place[] | string> {
  const kind = source === undefined ? undefined : assistants[source]
  if (source !== undefined && kind === undefined) return placesAt(source, around)
  const places = await knownPlaces(around, kind)
  if (places.length > 0) return places
  return 'Nothing was found: no logs of Claude Code in ~/.claude or CLAUDE_CONFIG_DIR, none of Codex in ~/.codex or CODEX_HOME. Name a file or a folder: tollkeeper import PATH'
}

/** The one that runs, else one that is started; undefined: there is none, and the user was told so. */
async function daemonFor(home: string, io: Io): Promise<Attached | undefined> {
  if ('absent' in (await findDaemon(home))) {
    const launched = await launch({ home, waitMs: startMs }, io)
    if ('failed' in launched) {
      refuse(io, exit.fault, `Tollkeeper did not start: ${launched.failed}.`)
      return undefined
    }
    note(io, `Tollkeeper was started and listens on ${launched.url}`)
  }
  return attach(home, io)
}
