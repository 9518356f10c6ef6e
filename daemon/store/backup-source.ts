/** What a backup holds of a home, file by file, as of one event. */
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { ParseError } from 'jsonc-parser'
import { scrub } from '../../shared/scrub.ts'
import type { BackupEnd, BackupFile } from './backup-file.ts'
import { configPath, treeOf } from './config-file.ts'
import { bareOf } from './config-shown.ts'
import { valueOf, withValue } from './config-text.ts'
import { isMissing, realDisk } from './disk.ts'
import { headerOf, listSegments } from './history.ts'
import { knownCalls, marksFile } from './known-calls.ts'
import { originOfSegments, readOrigin } from './origin.ts'
import { readLine, readSegmentFile } from './segment.ts'
import { journalFolder } from './snapshot.ts'
import { snapshotsOf } from './snapshot-proof.ts'

const unzip = promisify(gunzip)
const closedMonth = /^\d{4}-\d\d\.json$/

/** Whether a backup may hold a file of this name, written with slashes: nothing else is ever restored. */
export function mayHold(file: string): boolean {
  if (['ledger.json', 'ledger.json.prev', 'config.jsonc', 'secrets.json'].includes(file)) return true
  const [folder, name = '', ...deeper] = file.split('/')
  if (deeper.length > 0) return false
  if (folder === 'journal') return isSegment(name)
  return (folder === 'rollups' && closedMonth.test(name)) || (folder === knownCalls && marksFile.test(name))
}

const isSegment = (name: string): boolean => readSegmentFile(name.replace(/\.gz$/, '')) !== undefined

/** Rejects with what is missing where a daemon drops a segment meanwhile. */
export async function* filesOf({
  home,
  withSecrets,
  onProgress,
}: {
  home: string
  withSecrets: boolean
  onProgress: (share: number) => void
}): AsyncGenerator<BackupFile, Omit<BackupEnd, 'files'>> {
  const stated = await readOrigin(home)
  // first these and the snapshots: then the segments reach at least as far
  yield* filesBelow(home, knownCalls, marksFile)
  const { newest, previous } = await snapshotsOf(home, stated)
  for (const read of [newest, previous]) {
    if (read) yield { file: basename(read.file), bytes: Buffer.from(JSON.stringify(read.snapshot)) }
  }
  const folder = journalFolder(home)
  const segments = await listSegments(folder)
  const origin = stated ?? (await originOfSegments(home, segments)) ?? newest?.snapshot.origin ?? null
  let last = newest?.snapshot.n ?? 0
  for (const [at, { file }] of segments.entries()) {
    onProgress(at / segments.length)
    const header = await headerOf(join(folder, file))
    if (header && header.origin !== origin) continue
    const stored = await storedSegment(folder, file)
    const bytes = wholeLines(stored.file, stored.bytes)
    // what is gzipped is old: only where nothing else is there it holds the last number
    if (!isPacked(stored.file) || at === segments.length - 1) last = Math.max(last, await lastIn(stored.file, bytes))
    yield { file: `journal/${stored.file}`, bytes }
  }
  // sums of months whose segments may be gone; they never change
  yield* filesBelow(home, 'rollups', closedMonth)
  const text = (await readIfThere(configPath(home)))?.toString('utf8')
  const config = text === undefined || withSecrets ? { text, leftOut: [] } : bareConfig(text)
  if (config.text !== undefined) yield { file: 'config.jsonc', bytes: Buffer.from(config.text) }
  const secrets = withSecrets ? await readIfThere(join(home, 'secrets.json')) : undefined
  if (secrets) yield { file: 'secrets.json', bytes: secrets }
  onProgress(1)
  return { origin, last, left_out: config.leftOut }
}

async function* filesBelow(home: string, name: string, isOne: RegExp): AsyncGenerator<BackupFile, void> {
  const folder = join(home, name)
  const files = await realDisk.list(folder).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
  for (const file of files.filter((one) => isOne.test(one)).sort()) {
    yield { file: `${name}/${file}`, bytes: await realDisk.read(join(folder, file)) }
  }
}

/** As it stands on the disk: the plain form counts where both are there. */
async function storedSegment(folder: string, file: string): Promise<BackupFile> {
  const plain = await readIfThere(join(folder, file))
  if (plain) return { file, bytes: plain }
  const packed = `${file}.gz`
  return { file: packed, bytes: await realDisk.read(join(folder, packed)) }
}

const isPacked = (file: string): boolean => file.endsWith('.gz')

async function readIfThere(path: string): Promise<Buffer | undefined> {
  return realDisk.read(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined
    throw error
  })
}

/** Without a line that is being written, or was when its daemon died: nobody was told of it. */
function wholeLines(file: string, bytes: Buffer): Buffer {
  const end = bytes.lastIndexOf(10) + 1
  if (isPacked(file) || end === bytes.length || readLine(bytes.subarray(end), end === 0, false, '').kind === 'entry')
    return bytes
  return bytes.subarray(0, end)
}

/** The highest number among the last lines; 0 where there is none. */
async function lastIn(file: string, bytes: Buffer): Promise<number> {
  const plain = isPacked(file) ? await unzip(bytes) : bytes
  for (let end = plain.length; end > 0; ) {
    const start = plain.lastIndexOf(10, end - 2) + 1
    const line = plain.subarray(start, plain[end - 1] === 10 ? end - 1 : end)
    const read = readLine(line, start === 0, true, '')
    if (read.kind === 'entry') return read.entry.n
    end = start
  }
  return 0
}

/** Values that are secrets are taken out; a text that this cannot be done to without doubt is left out whole. */
function bareConfig(text: string): { text?: string; leftOut: string[] } {
  const errors: ParseError[] = []
  treeOf(text, errors)
  const value = errors.length === 0 ? valueOf(text) : undefined
  const bare = value && bareOf(value)
  const kept = bare && withValue(text, bare.config)
  // a comment may hold one too
  return bare && kept !== undefined ? { text: scrub(kept), leftOut: bare.leftOut } : { leftOut: ['config.jsonc'] }
}
