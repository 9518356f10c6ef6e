/** The content codings that this Node can read (RFC 9110 section 8.4.1, RFC 8878): what it cannot is passed unread. */
import type { Transform } from 'node:stream'
import zlib from 'node:zlib'
import { openFrames } from './zstd-frames.ts'

type Unpack = (bytes: Buffer, options: { maxOutputLength: number }, done: Done) => void
type Done = (error: NodeJS.ErrnoException | null, plain: Buffer) => void

/** From Node 22.15 on. */
type Zstd = { createZstdDecompress?: () => Transform }
const { createZstdDecompress } = zlib as typeof zlib & Zstd

type Coding = {
  /** Of a whole body. */
  unpack: Unpack
  /** Of a stream, from its first bytes on; each piece comes out as far as it can be read. */
  open(first: Buffer): Transform
}

const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH } = zlib.constants
const atOnce = { flush: Z_SYNC_FLUSH, finishFlush: Z_SYNC_FLUSH }
const gzip: Coding = { unpack: zlib.gunzip, open: () => zlib.createGunzip(atOnce) }

const codings: Readonly<Record<string, Coding>> = {
  gzip,
  'x-gzip': gzip,
  deflate: {
    unpack: zlib.inflate,
    // the zlib format is meant; some servers send bare deflate all the same
    open: (first) => (((first[0] ?? 0) & 0x0f) === 8 ? zlib.createInflate(atOnce) : zlib.createInflateRaw(atOnce)),
  },
  br: {
    unpack: zlib.brotliDecompress,
    open: () => zlib.createBrotliDecompress({ flush: BROTLI_OPERATION_FLUSH, finishFlush: BROTLI_OPERATION_FLUSH }),
  },
  ...(createZstdDecompress && zstdBy(createZstdDecompress)),
}

/** Of empty frames a body could hold millions, and each costs a step of its own. */
const mostFrames = 10_000

/**
 * Node takes what stands behind a frame for rubbish where it is given both at once (seen in 22 and 24), so it is given no more than a
 * frame at a time. What breaks off within one is an error in any Node: 22 would say nothing of it.
 */
function zstdBy(create: () => Transform): { zstd: Coding } {
  const open = () => {
    const stream = create()
    const frames = openFrames()
    const read = stream._transform.bind(stream)
    stream._transform = (bytes: Buffer, encoding, done) => {
      let at = 0
      const next = (error?: Error | null) => {
        if (error || at === bytes.length) return done(error)
        if (frames.ended() > mostFrames) return done(new Error(`it has more than ${mostFrames} frames`))
        const from = at
        at += frames.take(bytes.subarray(at))
        read(bytes.subarray(from, at), encoding, next)
      }
      next()
    }
    stream._flush = (done) => done(frames.whole() ? null : new Error('it breaks off within a frame'))
    return stream
  }
  return { zstd: { unpack: unpackBy(open), open } }
}

/** What Node's own functions do with a whole body. */
function unpackBy(open: () => Transform): Unpack {
  return (bytes, { maxOutputLength }, done) => {
    const stream = open()
    const parts: Buffer[] = []
    let left = maxOutputLength
    stream.on('data', (part: Buffer) => {
      left -= part.length
      if (left >= 0) parts.push(part)
      else stream.destroy(Object.assign(new Error('it unpacks to too much'), { code: 'ERR_BUFFER_TOO_LARGE' }))
    })
    stream.on('error', (error) => done(error, Buffer.alloc(0)))
    stream.on('end', () => done(null, Buffer.concat(parts)))
    stream.end(bytes)
  }
}

/** `coding` in small letters; `identity` can be read too, and needs no decoder. */
export function isReadable(coding: string): boolean {
  return coding === 'identity' || Object.hasOwn(codings, coding)
}

/** undefined: it cannot be read, or several stand in a row. */
export function decoderOf(coding: string): Coding['open'] | undefined {
  return Object.hasOwn(codings, coding) ? codings[coding]?.open : undefined
}

/** A whole body, unpacked to `most` bytes at most. */
export function unpack(bytes: Buffer, coding: string, most: number): Promise<Buffer | 'unreadable' | 'too-large'> {
  const found = Object.hasOwn(codings, coding) ? codings[coding] : undefined
  if (!found) return Promise.resolve('unreadable')
  return new Promise((resolve) => {
    found.unpack(bytes, { maxOutputLength: most }, (error, plain) => {
      if (!error) resolve(plain)
      else resolve(error.code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'unreadable')
    })
  })
}
