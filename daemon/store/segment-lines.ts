/** A segment's lines as they come from the disk, plain or gzipped, a piece of the file at a time: the event loop goes on between two. */
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'

const pieceBytes = 256 * 1024

/** The lines that each piece completes, without their line feeds; a last one that has none comes too. Rejects where the file cannot be read. */
export async function* linesOf(path: string): AsyncGenerator<Buffer[]> {
  let rest: Buffer = Buffer.of()
  for await (const piece of bytesOf(path)) {
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

function bytesOf(path: string): AsyncIterable<Buffer> {
  const file = createReadStream(path, { highWaterMark: pieceBytes })
  if (!path.endsWith('.gz')) return file
  // whoever reads is told of every error by the stream itself
  return pipeline(file, createGunzip({ chunkSize: pieceBytes }), () => {})
}
