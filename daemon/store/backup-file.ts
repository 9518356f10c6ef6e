/** The form of a backup: a line that says what it is, then gzipped, and perhaps encrypted: files, each behind a line with its check sum, and a last line. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import * as z from 'zod/mini'
import { opener, type Sealed, sealed, sealer, tagBytes } from './backup-key.ts'

const FORMAT = 1

const header = z.strictObject({ tollkeeper_backup: z.literal(FORMAT), made_at: z.string(), sealed: z.nullable(sealed) })
const anyHeader = z.looseObject({ tollkeeper_backup: z.int() })

const fileLine = z.strictObject({
  file: z.string(),
  bytes: z.int().check(z.nonnegative(), z.maximum(2 ** 29)),
  sha256: z.string(),
})
const endLine = z.strictObject({
  end: z.strictObject({
    files: z.int(),
    /** Whose history it is, and the last event in it. */
    origin: z.nullable(z.string()),
    last: z.int(),
    /** Values of the config that were left out, as they are secrets. */
    left_out: z.array(z.string()),
  }),
})
const innerLine = z.union([fileLine, endLine])
export type BackupEnd = z.infer<typeof endLine>['end']

export type BackupFile = { file: string; bytes: Buffer }
/** What a file cannot be read for; its message is a sentence for the user. */
class BackupError extends Error {}

const longestLine = 64 * 1024
const damaged = (path: string) => new BackupError(`${path} is damaged: what it holds is not what was written.`)
const cutOff = (path: string) => new BackupError(`${path} is cut off: its end is missing.`)

/** `files` gives the files and returns the end, which is answered with their number. */
export async function writeBackup(
  into: FileHandle,
  made_at: string,
  lock: { sealed: Sealed; key: Buffer } | null,
  files: AsyncGenerator<BackupFile, Omit<BackupEnd, 'files'>>,
): Promise<BackupEnd> {
  const first = JSON.stringify({ tollkeeper_backup: FORMAT, made_at, sealed: lock?.sealed ?? null })
  await into.appendFile(`${first}\n`)
  const out = async (pieces: AsyncIterable<Buffer>) => {
    for await (const piece of pieces) await into.appendFile(piece)
  }
  const ends: BackupEnd[] = []
  const source = Readable.from(contentOf(files, ends))
  if (lock) {
    const cipher = sealer(lock.key, lock.sealed, first)
    await pipeline(source, createGzip(), cipher, out)
    await into.appendFile(cipher.getAuthTag())
  } else {
    await pipeline(source, createGzip(), out)
  }
  const [end] = ends
  if (!end) throw new Error('a backup was written without its end')
  return end
}

async function* contentOf(
  files: AsyncGenerator<BackupFile, Omit<BackupEnd, 'files'>>,
  ends: BackupEnd[],
): AsyncGenerator<Buffer> {
  for (let count = 0; ; count++) {
    const next = await files.next()
    if (next.done === true) {
      const end: BackupEnd = { files: count, ...next.value }
      yield Buffer.from(`${JSON.stringify({ end })}\n`)
      ends.push(end)
      return
    }
    const { file, bytes } = next.value
    yield Buffer.from(`${JSON.stringify({ file, bytes: bytes.length, sha256: sumOf(bytes) })}\n`)
    yield bytes
  }
}

const sumOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

export type OpenedBackup = { path: string; first: string; size: number; made_at: string; sealed: Sealed | null }

/** Reads the first line. */
export async function openBackup(path: string): Promise<OpenedBackup | { why: string }> {
  const file = await open(path, 'r').catch((error: unknown) => String(error))
  if (typeof file === 'string') return { why: `${path} cannot be opened (${file}).` }
  try {
    const { size } = await file.stat()
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0)
    const first = buffer.subarray(0, Math.max(0, buffer.subarray(0, bytesRead).indexOf(10))).toString('utf8')
    const json = parsed(first)
    const any = anyHeader.safeParse(json)
    if (!any.success) return { why: `${path} is no backup of Tollkeeper.` }
    if (any.data.tollkeeper_backup > FORMAT) {
      return { why: `${path} was made by a newer version of Tollkeeper: restore it with that one.` }
    }
    const read = header.safeParse(json)
    return read.success ? { path, first, size, ...read.data } : { why: damaged(path).message }
  } finally {
    await file.close()
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    // whatever it is, it is no line of ours
    return undefined
  }
}

/** Gives each file whose check sum holds to `onFile`; `why` where the backup is not whole. `key` where it is sealed. */
export async function readBackup(
  backup: OpenedBackup,
  key: Buffer | null,
  onFile: (file: BackupFile) => Promise<void>,
): Promise<{ end: BackupEnd } | { why: string }> {
  const { path } = backup
  let reading: Promise<BackupEnd> | undefined
  try {
    await pipeline(await plainOf(backup, key), createGunzip(), async (content: AsyncIterable<Buffer>) => {
      reading = filesIn(path, content, onFile)
      await reading
    })
    return reading ? { end: await reading } : { why: cutOff(path).message }
  } catch (error) {
    // the file that was being given must be done with, too
    await reading?.catch(() => undefined)
    if (error instanceof BackupError) return { why: error.message }
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    // zlib's own names: Z_BUF_ERROR is input that ends too early
    if (code === 'Z_BUF_ERROR') return { why: cutOff(path).message }
    if (typeof code === 'string' && code.startsWith('Z_')) return { why: damaged(path).message }
    throw error
  }
}

async function plainOf(backup: OpenedBackup, key: Buffer | null): Promise<Readable> {
  const { path, first, size } = backup
  const start = Buffer.byteLength(first) + 1
  if (!backup.sealed || !key) return createReadStream(path, { start })
  const end = size - tagBytes
  if (end <= start) throw cutOff(path)
  const file = await open(path, 'r')
  const tag = Buffer.alloc(tagBytes)
  await file.read(tag, 0, tagBytes, end).finally(() => file.close())
  return Readable.from(openedOf(path, start, end, opener(key, backup.sealed, first, tag)))
}

async function* openedOf(path: string, start: number, end: number, decipher: ReturnType<typeof opener>) {
  const pieces: AsyncIterable<Buffer> = createReadStream(path, { start, end: end - 1 })
  for await (const piece of pieces) yield decipher.update(piece)
  try {
    yield decipher.final()
  } catch {
    // node:crypto says only that it could not authenticate; the passphrase was checked before
    throw damaged(path)
  }
}

async function filesIn(
  path: string,
  content: AsyncIterable<Buffer>,
  onFile: (file: BackupFile) => Promise<void>,
): Promise<BackupEnd> {
  const reader = readerOf(path, content)
  for (let count = 0; ; count++) {
    const read = innerLine.safeParse(parsed((await reader.line()).toString('utf8')))
    if (!read.success) throw damaged(path)
    if ('end' in read.data) {
      if (read.data.end.files !== count || !(await reader.isOver())) throw damaged(path)
      return read.data.end
    }
    const { file, sha256 } = read.data
    const bytes = await reader.take(read.data.bytes)
    if (sumOf(bytes) !== sha256) throw damaged(path)
    await onFile({ file, bytes })
  }
}

/** Lines and lengths out of pieces. */
function readerOf(path: string, content: AsyncIterable<Buffer>) {
  const pieces = content[Symbol.asyncIterator]()
  let held: Buffer = Buffer.of()

  async function more(): Promise<Buffer | undefined> {
    const next = await pieces.next()
    return next.done === true ? undefined : next.value
  }

  async function take(bytes: number): Promise<Buffer> {
    const parts = [held]
    let length = held.length
    while (length < bytes) {
      const piece = await more()
      if (!piece) throw cutOff(path)
      parts.push(piece)
      length += piece.length
    }
    const all = Buffer.concat(parts)
    held = all.subarray(bytes)
    return all.subarray(0, bytes)
  }

  return {
    take,
    async line(): Promise<Buffer> {
      for (let end = held.indexOf(10); ; end = held.indexOf(10)) {
        if (end !== -1) return (await take(end + 1)).subarray(0, end)
        const piece = await more()
        if (!piece) throw cutOff(path)
        held = Buffer.concat([held, piece])
        if (held.length > longestLine && held.indexOf(10) === -1) throw damaged(path)
      }
    },
    isOver: async () => held.length === 0 && (await more()) === undefined,
  }
}
