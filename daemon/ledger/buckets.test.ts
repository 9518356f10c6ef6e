/** Sums stand by names: no two lists of names may share a key. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { keyOf } from './buckets.ts'

describe('the key of names', () => {
  const name = fc.string({ unit: fc.constantFrom('\n', 'a', '"', '[', ']', ',', '\\', 'n'), maxLength: 6 })
  const lists = (length: number) => fc.array(name, { minLength: length, maxLength: length })

  it('is the same for equal lists and for no others', () => {
    const pairs = fc.integer({ min: 1, max: 4 }).chain((length) => fc.tuple(lists(length), lists(length)))
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        assert.equal(keyOf(a), keyOf([...a]))
        assert.equal(keyOf(a) === keyOf(b), JSON.stringify(a) === JSON.stringify(b))
      }),
      { numRuns: 2000 },
    )
  })

  it('keeps apart what looks like a key itself', () => {
    for (const list of [['a\nb'], ['a', 'b'], ['\n', ''], ['a\n', 'b']]) {
      const key = keyOf(list)
      for (const other of [[key], ['', key], [key, '']]) {
        if (other.length === list.length) assert.notEqual(keyOf(other), key)
      }
    }
  })
})
