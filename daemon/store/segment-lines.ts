/** A segment's lines as they come from the disk, plain or gzipped, a piece of the file at a time: the event loop goes on between two. */
import { pipeline, Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'
import { type Disk, isMissing, realDisk } from './disk.ts'
import { packedName } from './segment-file.ts'

const pieceBytes = 256 * 1024

/**
 * `path` names the plain file; a packed one beside it is read where that is gone. Each piece gives the lines that it completes,
 * without their line feeds; a last line that has none comes too. Rejects where neither file can be read.
 */
export async function* linesOf(path: string, disk: Disk = realDisk): AsyncGenerator<Buffer[]> {
  let rest: Buffer = Buffer.of()
  for await (const piece of bytesOf(path, disk)) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece])
    const lines: Buffer[] = []
    let at = 0
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, at)) {
      lines.push(bytes.subarray(at, end))
      at = end + 1
    }
    rest = bytes.subarray(at)
    if (lines.length > 0) yield lines
  }
  if (rest.length > 0) yield [rest]
}

/** The same from the end on, newest line first. Of a plain file no more is read than is taken; a packed one can only be read whole. */
export async function* linesFromEnd(path: string, disk: Disk = realDisk): AsyncGenerator<Buffer[]> {
  try {
    yield* plainFromEnd(path, disk)
    return
  } catch (error) {
    if (!isMissing(error)) throw error
  }
  const all: Buffer[][] = []
  for await (const some of linesOf(path, disk)) all.push(some)
  for (const some of all.reverse()) {
    yield some.reverse()
    await nextTurn()
  }
}

async function* plainFromEnd(path: string, disk: Disk): AsyncGenerator<Buffer[]> {
  // the end of a line that begins further in front
  let rest: Buffer = Buffer.of()
  for await (const piece of disk.piecesFromEnd(path)) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([piece, rest])
    const lines: Buffer[] = []
    let end = bytes.length
    for (let at = end; at > 0; end = at) {
      at = bytes.lastIndexOf(10, at - 1)
      if (at === -1) break
      if (at + 1 < end) lines.push(bytes.subarray(at + 1, end))
    }
    rest = bytes.subarray(0, end)
    if (lines.length > 0) yield lines
  }
  if (rest.length > 0) yield [rest]
}

async function* bytesOf(path: string, disk: Disk): AsyncGenerator<Buffer> {
  try {
    yield* disk.pieces(path)
    return
  } catch (error) {
    // it is missing from the first piece on: what is open stays readable
    if (!isMissing(error)) throw error
  }
  const packed = Readable.from(disk.pieces(packedName(path)))
  // whoever reads is told of every error by the stream itself
  const unpacked: AsyncIterable<Buffer> = pipeline(packed, createGunzip({ chunkSize: pieceBytes }), () => {})
  yield* unpacked
}
