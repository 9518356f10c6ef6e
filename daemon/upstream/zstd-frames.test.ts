import assert from 'node:assert/strict'
import { openFrames } from './zstd-frames.ts'

/** Made by hand after RFC 8878: magic, descriptor and header, blocks (size * 8 + type * 2 + last), checksum. */
const magic = '28b52ffd'
const frames: Record<string, string> = {
  'one block, a window': `${magic} 00 58 190000 616263`,
  'one block that is empty': `${magic} 20 00 010000`,
  'two blocks': `${magic} 00 58 180000 616263 110000 6465`,
  'one byte repeated, and a checksum': `${magic} 04 58 230300 61 01020304`,
  'a dictionary of one byte': `${magic} 01 58 07 090000 61`,
  'a dictionary of two bytes': `${magic} 02 58 0700 090000 61`,
  'a dictionary of four bytes': `${magic} 03 58 07000000 090000 61`,
  'a size of one byte': `${magic} 20 01 090000 61`,
  'a size of two bytes': `${magic} 60 0100 090000 61`,
  'a size of four bytes': `${magic} a0 01000000 090000 61`,
  'a size of eight bytes, and a window': `${magic} c0 58 0100000000000000 090000 61`,
  'one to pass over': '5f2a4d18 02000000 ffff',
  'one to pass over that is empty': '502a4d18 00000000',
}
const bytesOf = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex')

describe('upstream/zstd-frames', () => {
  for (const [what, hex] of Object.entries(frames)) {
    it(`finds the end of ${what}, at once and byte by byte`, () => {
      const frame = bytesOf(hex)
      const atOnce = openFrames()
      assert.equal(atOnce.take(Buffer.concat([frame, frame])), frame.length)
      assert.deepEqual([atOnce.ended(), atOnce.whole()], [1, true])
      const byteByByte = openFrames()
      for (let at = 0; at < frame.length; at++) {
        assert.equal(byteByByte.whole(), false, `${at}`)
        assert.equal(byteByByte.take(frame.subarray(at, at + 1)), 1)
      }
      assert.deepEqual([byteByByte.ended(), byteByByte.whole()], [1, true])
    })
  }

  it('finds the ends of all in a row', () => {
    const all = Object.values(frames).map(bytesOf)
    const found = openFrames()
    let rest = Buffer.concat(all)
    for (const one of all) {
      assert.equal(found.take(rest), one.length)
      rest = rest.subarray(one.length)
    }
    assert.deepEqual([rest.length, found.ended(), found.whole()], [0, all.length, true])
  })

  it('takes what is no frame as it stands, and never for whole', () => {
    const found = openFrames()
    const good = bytesOf(frames['two blocks'] as string)
    const bad = Buffer.from('no frame of zstd at all')
    assert.equal(found.take(Buffer.concat([good, bad])), good.length)
    assert.equal(found.take(bad), bad.length)
    assert.deepEqual([found.ended(), found.whole()], [1, false])
  })
})
