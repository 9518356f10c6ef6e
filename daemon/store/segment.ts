/** The line format of the history: how an entry becomes a line, how a segment's bytes become entries, and what was wrong with them. */
import { crc32 } from 'node:zlib'
import * as z from 'zod/mini'
import { type Entry, event } from '../../shared/contract/event.ts'
import { countedAt } from '../ledger/counted.ts'

export const segmentFormat = 1

/** A segment's file: `<first number, 12 digits>-<epoch>.jsonl`; a second one of the same two carries `.2` and so on. */
export type SegmentName = { file: string; first: number; epoch: number; again: number }

export function segmentFile(first: number, epoch: number, again = 1): string {
  return `${String(first).padStart(12, '0')}-${epoch}${again === 1 ? '' : `.${again}`}.jsonl`
}

/** undefined for a file that is none of ours. A packed segment is named by its plain file. */
export function readSegmentFile(found: string): SegmentName | undefined {
  const file = found.replace(/\.gz$/, '')
  const parts = /^(\d{12,15})-(\d{1,15})(?:\.(\d{1,6}))?\.jsonl$/.exec(file)
  return parts ? { file, first: Number(parts[1]), epoch: Number(parts[2]), again: Number(parts[3] ?? 1) } : undefined
}

const hexOf = (bytes: Uint8Array): string => crc32(bytes).toString(16).padStart(8, '0')
const hexDigits = Buffer.from('0123456789abcdef', 'latin1')

/** Where the check sum stands in a line, and what it covers: all from there on but the line feed. */
const checkAt = 6
const checkedFrom = 16

/** `rest` is the line from behind the check sum's comma on. */
function checked(rest: string): Buffer {
  const bytes = Buffer.from(`{"c":"--------",${rest}\n`)
  writeCheck(bytes, 0, bytes.length)
  return bytes
}

/** The check sum of the line that stands in `bytes` between `from` and `to`, line feed included, is put in its place. */
function writeCheck(bytes: Buffer, from: number, to: number): void {
  const sum = crc32(bytes.subarray(from + checkedFrom, to - 1))
  for (let i = 0; i < 8; i++) bytes[from + checkAt + i] = hexDigits[(sum >>> (28 - 4 * i)) & 15] as number
}

const header = z.object({ format: z.literal(segmentFormat), origin: z.string(), first: z.int(), epoch: z.int() })
export type Header = { origin: string; first: number; epoch: number }

/** `{"c":"<CRC-32>","format":1,"origin":"…","first":…,"epoch":…}`: a flipped bit must not make it another home's. */
export function writeHeader(h: Header): Buffer {
  return checked(
    `"format":${segmentFormat},"origin":${JSON.stringify(h.origin)},"first":${h.first},"epoch":${h.epoch}}`,
  )
}

const line = z.object({ n: z.int().check(z.positive()), t: z.int(), g: z.int(), e: event })

/** `{"c":"<CRC-32>","n":…,"t":…,"g":<epoch>,"e":{…}}`: the check covers every byte after its own comma, the last brace too. */
export function writeLine(entry: Entry, epoch: number): Buffer {
  return checked(restOf(entry, epoch))
}

function restOf({ n, t, e }: Entry, epoch: number): string {
  return `"n":${n},"t":${t},"g":${epoch},"e":${JSON.stringify(e)}}`
}

/** Where lines are put together for one write. */
export type Sheet = { bytes: Buffer; used: number }

export function emptySheet(): Sheet {
  return { bytes: Buffer.allocUnsafeSlow(64 * 1024), used: 0 }
}

/** The same line as `writeLine` gives, put behind what the sheet holds; the sheet grows where it must. Answers the line's length. */
export function putLine(sheet: Sheet, entry: Entry, epoch: number): number {
  const text = `{"c":"--------",${restOf(entry, epoch)}\n`
  // no letter takes more than three bytes for one unit of UTF-16
  const most = sheet.used + text.length * 3
  if (most > sheet.bytes.length) {
    const grown = Buffer.allocUnsafeSlow(Math.max(most, sheet.bytes.length * 2))
    sheet.bytes.copy(grown, 0, 0, sheet.used)
    sheet.bytes = grown
  }
  const from = sheet.used
  const length = sheet.bytes.write(text, from)
  writeCheck(sheet.bytes, from, from + length)
  sheet.used += length
  return length
}

/** The number of the first fact that an entry stands for: a folded one stands for a range that ends in its own number. */
export function firstOf(entry: Entry): number {
  return entry.e.type === 'folded' ? entry.e.from : entry.n
}

/**
 * What one line is. `torn`: the end of the file without its line feed, a write that a crash cut off. `nul`: filled with NUL
 * bytes, as a power cut leaves what was never written. `damaged`: anything else that is not what was written.
 */
export type ReadLine =
  | { kind: 'header'; header: Header }
  | { kind: 'entry'; entry: Entry; epoch: number }
  | { kind: 'torn' | 'nul' | 'damaged'; why: string }

function readHeader(text: string): ReadLine {
  const read = header.safeParse(JSON.parse(text))
  if (read.success) return { kind: 'header', header: read.data }
  return { kind: 'damaged', why: 'it is no header of this version' }
}

function readEntry(text: string, origin: string): ReadLine {
  const read = line.safeParse(JSON.parse(text))
  if (!read.success) return { kind: 'damaged', why: 'this version does not know its form' }
  const { n, t, e } = read.data
  return { kind: 'entry', entry: { origin, n, t, e }, epoch: read.data.g }
}

function readChecked(bytes: Buffer, isFirst: boolean, origin: string): ReadLine {
  const text = bytes.toString('utf8')
  const check = /^\{"c":"([0-9a-f]{8})",/.exec(text)
  if (!check) return { kind: 'damaged', why: 'it does not begin as a line of ours' }
  // Over the bytes, not the text: what is no UTF-8 would decode to something else.
  if (hexOf(bytes.subarray(checkedFrom)) !== check[1]) return { kind: 'damaged', why: 'its check sum does not fit' }
  return isFirst ? readHeader(text) : readEntry(text, origin)
}

/**
 * Reads one line, without its line feed. `ended` says whether there was one; `origin` is the header's. A whole line that lost
 * only its line feed counts as whole.
 */
export function readLine(bytes: Buffer, isFirst: boolean, ended: boolean, origin: string): ReadLine {
  if (bytes.includes(0)) return { kind: 'nul', why: 'it is filled with NUL bytes' }
  let read: ReadLine
  try {
    read = readChecked(bytes, isFirst, origin)
  } catch {
    // JSON.parse says only that it is no JSON, and would quote the line.
    read = { kind: 'damaged', why: 'it is no JSON' }
  }
  return read.kind === 'damaged' && !ended ? { kind: 'torn', why: 'it was cut off while it was written' } : read
}

/** A line that could not be read, with its place for people: lines count from 1, the header's. `atEnd`: no line feed ends it. */
type Fault = { kind: 'torn' | 'nul' | 'damaged'; line: number; offset: number; atEnd: boolean; why: string }

/**
 * What is known of a segment once it was read through. `lines`: those with an entry. `last`: its highest number, first − 1 where
 * there is none. `minT` and `maxT`: its times, whose order a clock that was set breaks, and from when its imported calls are; 0
 * where there is none. `bytes` of its plain form; `packed`: of the packed one, where that is what stands on the disk.
 */
export const segmentIndex = z.object({
  file: z.string(),
  first: z.int(),
  epoch: z.int(),
  lines: z.int(),
  bytes: z.int(),
  last: z.int(),
  minT: z.int(),
  maxT: z.int(),
  packed: z.optional(z.int()),
})
export type SegmentIndex = z.infer<typeof segmentIndex>

/** Bytes that it takes on the disk. */
export function bytesOnDisk({ bytes, packed }: SegmentIndex): number {
  return packed ?? bytes
}

export function emptyIndex(name: SegmentName): SegmentIndex {
  const { file, first, epoch } = name
  return { file, first, epoch, lines: 0, bytes: 0, last: first - 1, minT: 0, maxT: 0 }
}

/** Notes one entry in the index, in place. */
export function noteEntry(index: SegmentIndex, entry: Entry): void {
  const { e, t } = entry
  const from = e.type === 'attempt.ended' ? Math.min(t, countedAt(e, t)) : t
  index.minT = index.lines === 0 ? from : Math.min(index.minT, from)
  index.maxT = index.lines === 0 ? entry.t : Math.max(index.maxT, entry.t)
  index.last = Math.max(index.last, entry.n)
  index.lines++
}

export type SegmentRead = {
  index: SegmentIndex
  /** null: the header could not be read; the entries then carry the origin that was expected. */
  header: Header | null
  entries: { entry: Entry; epoch: number; line: number }[]
  faults: Fault[]
}

/** Reads a segment's bytes. Every line stands alone: what follows a damaged one is read on. */
export function readSegment(name: SegmentName, bytes: Buffer, expectedOrigin: string): SegmentRead {
  const out: SegmentRead = {
    index: { ...emptyIndex(name), bytes: bytes.length },
    header: null,
    entries: [],
    faults: [],
  }
  let number = 0
  for (let offset = 0; offset < bytes.length; ) {
    const found = bytes.indexOf(10, offset)
    const end = found === -1 ? bytes.length : found
    number++
    const read = readLine(bytes.subarray(offset, end), number === 1, found !== -1, out.header?.origin ?? expectedOrigin)
    switch (read.kind) {
      case 'header':
        out.header = read.header
        break
      case 'entry':
        out.entries.push({ entry: read.entry, epoch: read.epoch, line: number })
        noteEntry(out.index, read.entry)
        break
      case 'torn':
      case 'nul':
      case 'damaged':
        out.faults.push({ kind: read.kind, line: number, offset, atEnd: found === -1, why: read.why })
    }
    offset = end + 1
  }
  return out
}
