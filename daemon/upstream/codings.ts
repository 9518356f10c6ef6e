/** The content codings that this Node can read (RFC 9110 section 8.4.1, RFC 8878): what it cannot is passed unread. */
import type { Transform } from 'node:stream'
import zlib from 'node:zlib'

type Unpack = (bytes: Buffer, options: { maxOutputLength: number }, done: Done) => void
type Done = (error: NodeJS.ErrnoException | null, plain: Buffer) => void

/** From Node 22.15 on. */
type Zstd = { zstdDecompress?: Unpack; createZstdDecompress?: (options: object) => Transform }
const { zstdDecompress, createZstdDecompress } = zlib as typeof zlib & Zstd

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
  ...(zstdDecompress && createZstdDecompress
    ? { zstd: { unpack: zstdDecompress, open: () => createZstdDecompress({}) } }
    : {}),
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
