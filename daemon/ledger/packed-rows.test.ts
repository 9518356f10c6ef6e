/** Packed rows hold what was packed, and the names of all that is past stand in memory once. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { addToBucket, type Buckets, keyOf, openAt, rowsOf } from './buckets.ts'
import { packRows, type Row, unpackRows } from './packed-rows.ts'
import { emptySums, readSums } from './sums.ts'
import { codes, noTimes, packed } from './times.ts'

const count = fc.oneof(fc.nat(300), fc.maxSafeNat())
const row: fc.Arbitrary<Row> = fc.record(
  {
    names: fc.array(fc.string({ maxLength: 4 }), { minLength: 3, maxLength: 3 }),
    sums: fc.array(count, { minLength: 14, maxLength: 14 }).map((sums) => {
      const read = readSums(sums)
      assert.ok(read)
      return read
    }),
    times: fc
      .array(fc.tuple(fc.integer({ min: 1, max: 1e6 }), fc.nat(codes - 1)))
      .map((items) => packed(items.map(([calls, code]) => calls * codes + code))),
  },
  { noNullPrototype: true },
)
const byKey = (rows: Row[]) => new Map(rows.map((one) => [keyOf(one.names), one]))

describe('packed rows', () => {
  it('are the same rows in the same order', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 20 }), (rows) => {
        const map = byKey(rows)
        assert.deepEqual(unpackRows(packRows(map)), [...map.values()])
      }),
    )
  })

  it('share the names of equal rows, and those of rows with other names they do not', () => {
    const one = (names: string[]): Row => ({ names, sums: emptySums(), times: noTimes })
    const pack = (names: string[]) => packRows(byKey([one(names)])).names[0]
    const first = pack(['a', 'b', 'c'])
    assert.equal(pack(['a', 'b', 'c']), first)
    assert.deepEqual(pack(['a', 'b', 'd']), ['a', 'b', 'd'])
    // two lists of different lengths with one key
    const long = ['', '', '', JSON.stringify(['\n', '', ''])]
    assert.equal(keyOf(long), keyOf(['\n', '', '']))
    assert.deepEqual([pack(['\n', '', '']), pack(long)], [['\n', '', ''], long])
  })

  it('are those of stretches of time that are past, and take what comes late', () => {
    const once = { ...emptySums(), requests: 1 }
    const buckets: Buckets = new Map()
    const add = (start: number, name: string) => {
      const names = [name]
      addToBucket(buckets, start, { key: name, names, sums: once, times: noTimes, simulated: false })
    }
    const isOpen = (start: number) => buckets.get(start)?.rows instanceof Map
    const many = Array.from({ length: 30 }, (_, at) => at)
    for (const start of many) for (const name of ['a', 'b']) add(start, name)
    assert.deepEqual(many.filter(isOpen), [29])
    for (const start of many) add(start, 'b')
    const open = many.filter(isOpen)
    assert.ok(open.length < 10 && open.includes(29), String(open))
    for (const start of many) {
      const counts = [...rowsOf(buckets.get(start))].map(({ names, sums }): unknown => [names[0], sums.requests])
      assert.deepEqual(counts, [
        ['a', 1],
        ['b', 2],
      ])
    }
    assert.equal(openAt(buckets, 3)?.rows.size, 2)
    assert.equal(openAt(buckets, 99), undefined)
  })
})
