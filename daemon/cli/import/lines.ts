/** Reads a file line by line or piece by piece, never all of it, and says what a reader finds. */
import { createReadStream } from 'node:fs'
import type { Item, Reader } from './reader.ts'

/** Answers of tools stand in the logs as one line each; past it a line is passed over. */
const longestLine = 64 * 1024 * 1024
const pieceBytes = 256 * 1024
const newline = 10

/** `onBytes` hears how much more was read. Throws where the file cannot be read. */
export async function* itemsIn(path: string, reader: Reader, onBytes: (bytes: number) => void): AsyncGenerator<Item> {
  const reading = reader.open()
  let number = 1
  for await (const { bytes, ends } of reader.inPieces ? pieces(path, onBytes) : lines(path, onBytes)) {
    if (bytes === null) yield { kind: 'bad', line: number, why: 'it is longer than 64 MiB' }
    else yield* reading.line(bytes, number)
    number += ends
  }
  yield* reading.end()
}

/** `ends`: lines that end in it. `bytes` is null for a line that is too long. */
type Part = { bytes: Buffer | null; ends: number }

async function* pieces(path: string, onBytes: (bytes: number) => void): AsyncGenerator<Part> {
  for await (const piece of chunksOf(path)) {
    onBytes(piece.length)
    let ends = 0
    for (let at = piece.indexOf(newline); at !== -1; at = piece.indexOf(newline, at + 1)) ends++
    yield { bytes: piece, ends }
  }
}

async function* lines(path: string, onBytes: (bytes: number) => void): AsyncGenerator<Part> {
  let held: Buffer[] = []
  let length = 0
  const take = (last: Buffer): Part => {
    const line =
      length + last.length > longestLine ? null : trimmed(held.length === 0 ? last : Buffer.concat([...held, last]))
    held = []
    length = 0
    return { bytes: line, ends: 1 }
  }
  for await (const chunk of chunksOf(path)) {
    onBytes(chunk.length)
    let from = 0
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, from)) {
      yield take(chunk.subarray(from, end))
      from = end + 1
    }
    const rest = chunk.subarray(from)
    length += rest.length
    // of a line that is passed over nothing is held
    if (length <= longestLine) held.push(rest)
    else held = []
  }
  if (length > 0) yield take(Buffer.alloc(0))
}

function chunksOf(path: string): AsyncIterable<Buffer> {
  // as Codex keeps some old ones
  if (path.endsWith('.zst')) throw new Error('it is compressed: unpack it beside (zstd -d) and import again')
  return createReadStream(path, { highWaterMark: pieceBytes })
}

/** Without blanks around it and a byte order mark, as other systems' files have them. */
function trimmed(line: Buffer): Buffer {
  let [from, to] = [0, line.length]
  if (line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf) from = 3
  while (to > from && isBlank(line[to - 1])) to--
  while (from < to && isBlank(line[from])) from++
  return line.subarray(from, to)
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0d || byte === 0x09
}
