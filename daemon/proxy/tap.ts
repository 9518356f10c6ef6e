/** Reads a copy of the reply as it passes: decodes what is compressed, and lets the dialect read usage from it. */
import type { Transform } from 'node:stream'
import type { ReplyReader, ReplyReading } from '../dialects/dialect.ts'
import { decoderOf } from '../upstream/codings.ts'

/** `pass`: the bytes for the client. `terminal`: with them the answer is complete. */
type Tapped = (pass: readonly Uint8Array[], terminal: boolean) => void

export type Tap = {
  /** Calls `then` in the order of the chunks: at once, or when a compressed chunk has been decoded. */
  take(chunk: Buffer, then: Tapped): void
  /** No more bytes come: `then` gets those still held back, when all that came has been read. */
  end(then: (rest: readonly Uint8Array[]) => void): void
  /** What has been told so far. */
  reading(): ReplyReading
  estimateOutput(): number
}

/** Past this many decoded bytes nothing more is read: a small reply may unpack to anything. */
const mostDecoded = 64 * 2 ** 20

export function openTap(reader: ReplyReader, encoding: string): Tap {
  const decoder = decoderOf(encoding)
  return decoder ? decodingTap(reader, decoder) : plainTap(reader, encoding === '' || encoding === 'identity')
}

function plainTap(reader: ReplyReader, readable: boolean): Tap {
  return {
    take: (chunk, then) => {
      if (!readable) return then([chunk], false)
      const { pass, terminal } = reader.read(chunk)
      then(pass, terminal)
    },
    end: (then) => then(reader.end()),
    reading: () => reader.reading(),
    estimateOutput: () => reader.estimateOutput(),
  }
}

function decodingTap(reader: ReplyReader, open: (first: Buffer) => Transform): Tap {
  let decoder: Transform | undefined
  let decoded = 0
  let terminal = false
  // What cannot be decoded is passed on all the same; only the reading ends there.
  let unreadable = false
  const waiting: (() => void)[] = []
  const giveUp = () => {
    unreadable = true
    // what is left of a small reply that unpacks to anything must not be unpacked for nobody
    decoder?.destroy()
    for (const step of waiting.splice(0)) step()
  }

  function started(first: Buffer): Transform {
    const stream = open(first)
    stream.on('data', (bytes: Buffer) => {
      decoded += bytes.length
      if (decoded > mostDecoded) return giveUp()
      if (!unreadable && reader.read(bytes).terminal) terminal = true
    })
    stream.on('error', giveUp)
    // whatever follows the end of what was compressed is never asked for
    stream.on('end', giveUp)
    return stream
  }

  /** Runs `step` once: when the decoder is through, or at once when it has given up. */
  function whenThrough(hand: (through: () => void) => void, step: () => void): void {
    let stepped = false
    const once = () => {
      if (stepped) return
      stepped = true
      const at = waiting.indexOf(once)
      if (at >= 0) waiting.splice(at, 1)
      step()
    }
    if (unreadable) return once()
    waiting.push(once)
    hand(once)
  }

  return {
    take: (chunk, then) => {
      decoder ??= started(chunk)
      const stream = decoder
      whenThrough(
        (through) => stream.write(chunk, through),
        () => then([chunk], terminal),
      )
    },
    end: (then) => {
      // the client got the compressed bytes: what the reader holds back of the decoded ones stays here
      const step = () => {
        reader.end()
        then([])
      }
      const stream = decoder
      if (!stream) return step()
      whenThrough((through) => {
        stream.once('end', through)
        stream.end()
      }, step)
    },
    reading: () => reader.reading(),
    estimateOutput: () => reader.estimateOutput(),
  }
}
