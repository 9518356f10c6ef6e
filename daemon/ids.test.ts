/** Ids are ULIDs that other programs read, and their order is the order in which they were made. */
import assert from 'node:assert/strict'
import { randomFillSync } from 'node:crypto'
import fc from 'fast-check'
import { decodeTime, isValid } from 'ulid'
import { openIds } from './ids.ts'

const latest = 2 ** 48 - 1

describe('ids', () => {
  it('are ULIDs that hold their time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: latest }), (now) => {
        const id = openIds((bytes) => randomFillSync(bytes))(now)
        assert.ok(isValid(id), id)
        assert.equal(decodeTime(id), now)
      }),
    )
  })

  it('rise, whatever the clock does and whatever chance gives', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), { minLength: 1, maxLength: 600 }), fc.nat(255), (times, byte) => {
        const next = openIds((bytes) => bytes.fill(byte))
        const ids = times.map(next)
        assert.deepEqual(ids, [...new Set(ids)].sort())
      }),
    )
  })

  it('count up through a carry and ask for chance again only when it is used up', () => {
    let asked = 0
    const next = openIds((bytes) => {
      asked++
      bytes.fill(31)
    })
    assert.equal(next(1).slice(10), 'FZZZZZZZZZZZZZZZ')
    assert.equal(next(1).slice(10), 'G000000000000000')
    for (let now = 2; now <= 256; now++) next(now)
    assert.equal(asked, 1)
    next(257)
    assert.equal(asked, 2)
  })
})
