/** The quick check may ask the schema once too often; it never lets through what the schema would not read. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Event, event } from '../../shared/contract/event.ts'
import { isSurelyReadable } from './quick-check.ts'
import { callId, ended, started } from './test-home.ts'

const odd = fc.constantFrom(Number.NaN, Infinity, -Infinity, -1, 0.5, 2 ** 53, 1e300, 0, 7)

/** Every place in an event that holds a number, or could: by its path. */
const places = [
  ['attempts'],
  ['startedAt'],
  ['status'],
  ['cost'],
  ['billed'],
  ['searches'],
  ['audio', 'input'],
  ['audio', 'cacheRead'],
  ['audio', 'output'],
  ['audio', 'extra'],
  ['latencyMs'],
  ['ttftMs'],
  ['overheadMs'],
  ['extra'],
  ['estimate', 'input'],
  ['estimate', 'output'],
  ['estimate', 'extra'],
  ['usage', 'input'],
  ['usage', 'cacheRead'],
  ['usage', 'cacheWrite5m'],
  ['usage', 'cacheWrite1h'],
  ['usage', 'output'],
  ['usage', 'reasoning'],
  ['usage', 'extra'],
  ['price', 'extra'],
]

function put(value: object, [name = '', ...rest]: readonly string[], n: number): void {
  const inner: unknown = Reflect.get(value, name)
  if (rest.length === 0) Reflect.set(value, name, n)
  else if (typeof inner === 'object' && inner !== null) put(inner, rest, n)
}

describe('the quick check', () => {
  const price = { source: 'user', version: '1' } as const
  const audio = { input: 2, output: 0 }

  it('knows what calls bring, priced or not', () => {
    const call = callId()
    assert.ok(isSurelyReadable(ended(call, { refusal: 'rate' })))
    const none = { usage: null, cost: null, billed: null, status: null, ttftMs: null } as const
    for (const e of [started(call), ended(call), ended(call, { price }), ended(call, none)]) {
      assert.ok(isSurelyReadable(e), JSON.stringify(e))
    }
    assert.ok(isSurelyReadable(ended(call, { price: { ...price, pricedAs: 'gpt-5' } })))
    const how = { tier: 'flex', within: 'us' } as const
    const served = ended(call, { ...how, searches: 2, price: { ...price, ...how } })
    assert.ok(isSurelyReadable(served))
    assert.ok(isSurelyReadable(ended(call, { audio })))
    assert.ok(isSurelyReadable(ended(call, { keptAs: 'resp_a' })))
    assert.ok(isSurelyReadable(ended(call, { keptAs: 'resp_a', underWay: true, key: 'k' })))
    assert.ok(isSurelyReadable(ended(call, { images: true })))
    assert.ok(isSurelyReadable(ended(call, { audio: { ...audio, cacheRead: 1 } })))
  })

  it('lets nothing through that could not be read back from its line', () => {
    const call = callId()
    fc.assert(
      fc.property(
        fc.constantFrom<Event>(
          started(call),
          ended(call, { price }),
          ended(call, { audio }),
          ended(call, { keptAs: 'r', underWay: true }),
        ),
        fc.array(fc.tuple(fc.constantFrom(...places), odd), { minLength: 1, maxLength: 3 }),
        (from, changes) => {
          const e = structuredClone(from)
          for (const [place, n] of changes) put(e, place, n)
          if (!isSurelyReadable(e)) return
          assert.deepEqual(event.parse(JSON.parse(JSON.stringify(e))), e)
        },
      ),
      { numRuns: 3000 },
    )
  })
})
