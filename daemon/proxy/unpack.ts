/** Unpacks a compressed request body within a bound, where this Node can read it. */
import zlib from 'node:zlib'

type Unpack = (bytes: Buffer, options: { maxOutputLength: number }, done: Done) => void
type Done = (error: NodeJS.ErrnoException | null, plain: Buffer) => void

/** Node reads zstd from 22.15 on (nodejs.org/api/zlib.html). */
const zstd = (zlib as { zstdDecompress?: Unpack }).zstdDecompress

const unpackers: Record<string, Unpack | undefined> = {
  gzip: zlib.gunzip,
  'x-gzip': zlib.gunzip,
  deflate: zlib.inflate,
  br: zlib.brotliDecompress,
  zstd,
}

/** `most`: bytes it may unpack to. `encoding` in small letters; of several in a row none is read. */
export function unpack(bytes: Buffer, encoding: string, most: number): Promise<Buffer | 'unreadable' | 'too-large'> {
  const unpacker = unpackers[encoding]
  if (!unpacker) return Promise.resolve('unreadable')
  return new Promise((resolve) => {
    unpacker(bytes, { maxOutputLength: most }, (error, plain) => {
      if (!error) resolve(plain)
      else resolve(error.code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'unreadable')
    })
  })
}
