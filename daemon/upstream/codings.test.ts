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

    it(`stops ${coding} at its bound, and gives up what is none`, async () => {
      assert.equal(await unpack(pack(Buffer.alloc(10_000)), coding, 1000), 'too-large')
      assert.equal(await unpack(Buffer.from('no such thing'), coding, 1000), 'unreadable')
    })
  }

  it('knows no coding by the name of a property that every object has', () => {
    assert.equal(isReadable('constructor'), false)
    assert.equal(decoderOf('__proto__'), undefined)
  })
})
