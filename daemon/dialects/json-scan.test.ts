/** The scan against JSON.parse, on whole, cut and random text. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { holdsOneOf, memberOf, membersOf, wordsOf } from './json-scan.ts'
import { isObject, parsed } from './loose-json.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

function asScanned(text: string): unknown {
  const bytes = bytesOf(text)
  const members = membersOf(bytes)
  if (members === undefined) return undefined
  return Object.fromEntries([...members.keys()].map((key) => [key, memberOf(bytes, members, key)]))
}

const anyObject = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 4 }))

describe('membersOf', () => {
  it('finds the members that JSON.parse finds, however the text is laid out', () => {
    fc.assert(
      fc.property(anyObject, fc.constantFrom('', ' ', '\t', '\n  '), (object, indent) => {
        const text = `${indent}${JSON.stringify(object, null, indent)}${indent}`
        assert.deepEqual(asScanned(text), Object.fromEntries(Object.entries(parsed(text) as object)))
      }),
    )
  })

  it('takes the last of members with one name', () => {
    assert.deepEqual(asScanned('{"model":"a","x":1,"mod\\u0065l":"b"}'), { model: 'b', x: 1 })
  })

  it('reads long strings with runs of backslashes and quotes', () => {
    for (const inside of [
      '\\',
      '\\\\',
      '"',
      '\\"',
      '\\\\"',
      'x'.repeat(100),
      `${'x'.repeat(40)}\\`,
      `${'y'.repeat(21)}\\"\\\\`,
    ]) {
      const object = { a: inside.repeat(30), b: { c: [inside] }, d: 1 }
      assert.deepEqual(asScanned(JSON.stringify(object)), object)
    }
  })

  it('finds no object in a whole one that was cut anywhere', () => {
    const bytes = bytesOf('{"a":[1,{"b":"}\\"]"}],"c":-1.5e3,"d":null,"e":{},"f":"ü"}')
    for (let end = 0; end < bytes.length; end++)
      assert.equal(membersOf(bytes.subarray(0, end)), undefined, `cut at ${end}`)
    assert.equal(membersOf(bytes)?.size, 5)
  })

  for (const bad of [
    '',
    'null',
    '[1]',
    '"a"',
    '{"a":1,}',
    '{a:1}',
    '{"a" 1}',
    '{"a":}',
    '{"a":1 "b":2}',
    '{"a":1}}',
    '{"a":1} x',
    '{"a":tru}',
    '{"a":01}',
    '{"a":[}]}',
    "{'a':1}",
    '{"a\n":1}',
    '\ufeff{"a":1}',
  ]) {
    it(`finds none in ${JSON.stringify(bad)}`, () => assert.equal(membersOf(bytesOf(bad)), undefined))
  }

  it('never throws, and sees an object wherever JSON.parse does', () => {
    const soup = fc.array(fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\\', 'a', '1', 'null', ' ', '"a"'), {
      maxLength: 24,
    })
    fc.assert(
      fc.property(soup, (parts) => {
        const text = parts.join('')
        const members = membersOf(bytesOf(text))
        if (isObject(parsed(text))) assert.notEqual(members, undefined)
      }),
      { numRuns: 2000 },
    )
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void membersOf(bytes)))
  })

  it('gives up on what is nested beyond reason, without a deep stack', () => {
    const deep = (depth: number): string => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`
    assert.equal(membersOf(bytesOf(deep(10_000)))?.size, 1)
    assert.equal(membersOf(bytesOf(deep(1_000_000))), undefined)
  })
})

describe('holdsOneOf', () => {
  const words = ['image_url', 'audio']
  const holds = (text: string): boolean => {
    const bytes = bytesOf(text)
    return holdsOneOf(bytes, { from: 0, to: bytes.length }, wordsOf(...words))
  }
  /** Every string of a value, keys too. */
  const stringsIn = (value: unknown): string[] =>
    typeof value === 'string'
      ? [value]
      : typeof value === 'object' && value !== null
        ? Object.entries(value).flatMap(([key, inner]) => [key, ...stringsIn(inner)])
        : []

  it('is true where one of the words stands as a string of its own, and only there', () => {
    const text = fc.oneof(fc.constantFrom(...words, 'image_urls', '"audio"', '\\"', 'x'.repeat(30)), fc.string())
    const key = fc.oneof(fc.constantFrom(...words), fc.string())
    fc.assert(
      fc.property(fc.array(fc.dictionary(key, fc.oneof(text, fc.array(text)))), (value) => {
        // a list's places are keys to Object.entries, and none of the words
        assert.equal(
          holds(JSON.stringify(value)),
          stringsIn(value).some((one) => words.includes(one)),
        )
      }),
    )
  })

  it('looks only at the part it is given', () => {
    const bytes = bytesOf('{"a":"audio","b":"x"}')
    assert.equal(holdsOneOf(bytes, { from: 12, to: bytes.length }, wordsOf('audio')), false)
    assert.equal(holdsOneOf(bytes, { from: 0, to: 8 }, wordsOf('audio')), false)
  })
})
