import assert from 'node:assert/strict'
import zlib from 'node:zlib'
import { decoderOf, isReadable, unpack } from './codings.ts'

const plain = Buffer.from('a few words, and a few words more')
const packers: Record<string, ((bytes: Buffer) => Buffer) | undefined> = {
  gzip: zlib.gzipSync,
  'x-gzip': zlib.gzipSync,
  deflate: zlib.deflateSync,
  br: zlib.brotliCompressSync,
  zstd: (zlib as { zstdCompressSync?: (bytes: Buffer) => Buffer }).zstdCompressSync,
}
/** A frame of zstd that says nothing (RFC 8878 section 3.1.2). */
const skippable = Buffer.from('502a4d1803000000010203', 'hex')

describe('upstream/codings', () => {
  for (const [coding, pack] of Object.entries(packers)) {
    if (!pack) {
      it(`takes ${coding} for what this Node cannot read`, async () => {
        assert.equal(isReadable(coding), false)
        assert.equal(decoderOf(coding), undefined)
        assert.equal(await unpack(plain, coding, 100), 'unreadable')
      })
      continue
    }
    it(`reads ${coding} as a whole and in pieces of one byte`, async () => {
      const packed = pack(plain)
      assert.equal(isReadable(coding), true)
      assert.deepEqual(await unpack(packed, coding, 100), plain)
      const decoder = decoderOf(coding)?.(packed.subarray(0, 1))
      assert.ok(decoder)
      for (let at = 0; at < packed.length; at++) decoder.write(packed.subarray(at, at + 1))
      decoder.end()
      assert.deepEqual(Buffer.concat(await decoder.toArray()), plain)
    })

    it(`reads no ${coding} that breaks off`, async () => {
      const packed = pack(plain)
      for (const length of [1, 6, packed.length >> 1, packed.length - 1])
        assert.equal(await unpack(packed.subarray(0, length), coding, 100), 'unreadable', `${length}`)
    })

    it(`stops ${coding} at its bound, and gives up what is none`, async () => {
      assert.equal(await unpack(pack(Buffer.alloc(10_000)), coding, 1000), 'too-large')
      assert.equal(await unpack(Buffer.from('no such thing'), coding, 1000), 'unreadable')
    })
  }

  const packZstd = packers.zstd
  if (packZstd) {
    const several = Buffer.concat([packZstd(plain), skippable, packZstd(Buffer.alloc(0)), packZstd(plain), skippable])
    const twice = Buffer.concat([plain, plain])

    it('reads several frames of zstd in a row, however they are cut', async () => {
      assert.deepEqual(await unpack(several, 'zstd', twice.length), twice)
      assert.equal(await unpack(several, 'zstd', twice.length - 1), 'too-large')
      for (const size of [1, 7, packZstd(plain).length, several.length]) {
        const decoder = decoderOf('zstd')?.(several)
        assert.ok(decoder)
        for (let at = 0; at < several.length; at += size) decoder.write(several.subarray(at, at + size))
        decoder.end()
        assert.deepEqual(Buffer.concat(await decoder.toArray()), twice, `${size}`)
      }
    })

    it('reads no zstd with a frame that breaks off, with rubbish behind it, or with frames without end', async () => {
      for (const bad of [several.subarray(0, -1), Buffer.concat([several, Buffer.from('rubbish')])])
        assert.equal(await unpack(bad, 'zstd', 1000), 'unreadable')
      assert.equal(await unpack(Buffer.concat(Array<Buffer>(10_002).fill(skippable)), 'zstd', 1000), 'unreadable')
    })
  }

  it('knows no coding by the name of a property that every object has', () => {
    assert.equal(isReadable('constructor'), false)
    assert.equal(decoderOf('__proto__'), undefined)
  })
})
