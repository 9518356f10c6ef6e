import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { credentialsOf, isOurs, isPlanToken } from './credential.ts'

const jwt = (claims: object) => `eyJhbGciOiJIUzI1NiJ9.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`
const found = (pairs: [string, string][], query = '') => {
  const headers = Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), value]))
  const { taken, ...rest } = credentialsOf({ headers, rawHeaders: pairs.flat() } as unknown as IncomingMessage, query)
  return { ...rest, taken: [...taken].sort() }
}
const all = ['api-key', 'authorization', 'x-api-key', 'x-goog-api-key']

describe('proxy/credential', () => {
  it('leaves a credential of the caller where it stands', () => {
    assert.deepEqual(found([['Authorization', 'Bearer sk-abc']]), {
      ours: null,
      severalOfOurs: false,
      own: 'sk-abc',
      taken: [],
      query: '',
    })
    assert.deepEqual(found([['X-Api-Key', 'sk-ant-1']], '?beta=true'), {
      ours: null,
      severalOfOurs: false,
      own: 'sk-ant-1',
      taken: [],
      query: '?beta=true',
    })
    assert.deepEqual([found([['api-key', 'azure-1']]).own, found([['api-key', 'azure-1']]).taken], ['azure-1', []])
    assert.equal(found([], '?key=AIza1&alt=sse').own, 'AIza1')
    assert.equal(found([], '?key=AIza1&alt=sse').query, '?key=AIza1&alt=sse')
  })
  it("takes ours out of a provider's place, and every other credential with it", () => {
    for (const place of ['Authorization', 'x-api-key', 'x-goog-api-key', 'api-key']) {
      const one = found([
        [place, place === 'Authorization' ? 'Bearer tk_a' : 'tk_a'],
        ['cookie', 'c'],
      ])
      assert.deepEqual(one, { ours: 'tk_a', severalOfOurs: false, own: null, taken: all, query: '' })
    }
    assert.deepEqual(
      found(
        [
          ['x-api-key', 'tk_a'],
          ['authorization', 'Bearer sk-own'],
        ],
        '?key=AIza&x=1',
      ),
      { ours: 'tk_a', severalOfOurs: false, own: null, taken: all, query: '?x=1' },
    )
  })
  it('takes ours out of the query, whatever stands around it', () => {
    assert.equal(found([], '?key=tk_a').query, '')
    assert.equal(found([], '?a=1&key=tk%5Fa&b=2').query, '?a=1&b=2')
    assert.equal(found([], '?a=1&key=tk%5Fa&b=2').ours, 'tk_a')
  })
  it('keeps the own credential beside ours in our own header', () => {
    assert.deepEqual(
      found([
        ['authorization', 'Bearer sk-own'],
        ['x-tollkeeper-key', 'tk_a'],
      ]),
      { ours: 'tk_a', severalOfOurs: false, own: 'sk-own', taken: [], query: '' },
    )
  })
  const key = `tk_${'a'.repeat(43)}`
  it('finds ours however it is wrapped', () => {
    const wrapped = [key, `ApiKey ${key}`, `Bearer Bearer ${key}`, `Bearer sk-own, Bearer ${key}`, `BEARER\t"${key}"`]
    const basic = `Basic ${Buffer.from(`x:${key}`).toString('base64')}`
    for (const value of [...wrapped, basic]) {
      const one = found([['authorization', value]])
      assert.deepEqual([one.ours, one.own, one.taken], [key, null, all], value)
    }
    assert.deepEqual(found([['x-api-key', `"${key}"`]]).ours, key)
  })
  it('takes ours off where no credential stands, and leaves the rest', () => {
    const own: [string, string] = ['authorization', 'Bearer sk-own']
    assert.deepEqual(found([own, ['openai-project', key]]).taken, ['openai-project'])
    assert.deepEqual(found([own, ['x-note', `k=${jwt({ iss: 'tollkeeper' })};`]]).taken, ['x-note'])
    assert.deepEqual(found([own, ['x-note', 'tk_short, my_tk_x, eyJ.no.jwt']]).taken, [])
    assert.equal(found([own], `?api_key=${key}&a=1`).query, '?a=1')
    assert.equal(found([own], `?api_key=${key}&a=1`).own, 'sk-own')
    for (const part of [key, `${key}=1`, `a=x%20${key}`, key.replace('tk', '%74%6B')])
      assert.equal(found([own], `?${part}&a=1`).query, '?a=1', part)
  })
  it('finds a token of ours wherever a key may stand, and leaves those of others', () => {
    const [token, foreign] = [jwt({ iss: 'tollkeeper' }), jwt({ iss: 'https://auth.openai.com', sub: 'tk_a' })]
    for (const place of ['authorization', 'x-api-key', 'x-goog-api-key', 'api-key']) {
      for (const value of [token, `Bearer ${token}`, `"${token}"`]) {
        const one = found([[place, value]])
        assert.deepEqual([one.ours, one.own, one.taken], [token, null, all], `${place}: ${value}`)
      }
      const own = found([[place, foreign]])
      assert.deepEqual([own.ours, own.own, own.taken], [null, foreign, []], place)
    }
    assert.equal(found([['authorization', `Basic ${Buffer.from(`x:${token}`).toString('base64')}`]]).ours, token)
    assert.deepEqual([found([], `?key=${token}&a=1`).ours, found([], `?key=${token}&a=1`).query], [token, '?a=1'])
    const beside = found([
      ['authorization', `Bearer ${foreign}`],
      ['x-tollkeeper-key', token],
    ])
    assert.deepEqual([beside.ours, beside.own, beside.taken], [token, foreign, []])
    for (const odd of [`${token}.more`, `pre|${token}`, `pre|${key}`, `a|${key}.b.c`]) {
      const one = found([['authorization', `Bearer ${odd}`]])
      assert.deepEqual([one.ours, one.own, one.taken], [odd, null, all])
    }
  })
  it('looks at every parameter of the query that means a key', () => {
    for (const query of [`?key=AIza&key=${key}`, `?%6bey=${key}`, `?a&k%65y=AIza&key=${key}`])
      assert.deepEqual([found([], query).ours, found([], query).query.includes('key')], [key, false], query)
  })
  it('lets no empty header ride along with ours', () => {
    for (const empty of ['', 'Bearer', 'bearer  ']) {
      const one = found([
        ['authorization', empty],
        ['x-tollkeeper-key', 'tk_a'],
      ])
      assert.deepEqual([one.ours, one.own, one.taken], ['tk_a', null, all])
    }
  })
  it('counts a repeated header twice', () => {
    assert.equal(
      found([
        ['x-api-key', 'sk-own'],
        ['x-api-key', 'tk_a'],
      ]).ours,
      'tk_a',
    )
    assert.equal(
      found([
        ['x-tollkeeper-key', 'tk_a'],
        ['x-tollkeeper-key', 'tk_b'],
      ]).severalOfOurs,
      true,
    )
  })
  it('takes anything in our own header for ours, so that it is never let by unread', () => {
    assert.equal(found([['x-tollkeeper-key', 'whatever']]).ours, 'whatever')
  })
  it('knows ours by form', () => {
    assert.ok(isOurs('tk_x') && isOurs('tk_local_x') && isOurs(jwt({ iss: 'tollkeeper' })))
    assert.ok(!isOurs('sk-tk_x') && !isOurs(jwt({ iss: 'somebody' })) && !isOurs('ey.!!!.x') && !isOurs(''))
    assert.ok(isPlanToken('sk-ant-oat01-x') && !isPlanToken('sk-ant-api03-x'))
  })
})
