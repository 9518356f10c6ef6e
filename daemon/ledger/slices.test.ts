/** The small slices: what each keeps, and its bound. */
import assert from 'node:assert/strict'
import { endedEvent, entriesOf, startedEvent } from '../test/plain-events.ts'
import { accountBound, accountKey, accounts } from './accounts.ts'
import { keyOf, openAt, rowsOf } from './buckets.ts'
import { chains } from './chains.ts'
import { countedOf } from './counted.ts'
import { lifetime } from './lifetime.ts'
import { marginalBounds, marginals } from './marginals.ts'
import { nameBound } from './named-totals.ts'
import { openNameTable } from './names.ts'
import { open, openBound } from './open.ts'
import { pricesSeen, unpricedBound } from './prices-seen.ts'
import { hasEnded, inOrder, recent, recentBound } from './recent.ts'
import { codeBound, refusals } from './refusals.ts'
import type { Slice } from './slice.ts'
import { other } from './totals.ts'
import { dayMs, openZone } from './zone.ts'

const zone = openZone('UTC')

function folded<State>(slice: Slice<State>, events: Parameters<typeof entriesOf>[0]): State {
  const state = slice.empty()
  for (const entry of entriesOf(events)) slice.fold(state, entry, zone, countedOf(entry))
  return state
}

/** One event for each number below `length`, a millisecond apart. */
function many<Event>(length: number, make: (at: number) => Event): (readonly [number, Event])[] {
  return Array.from({ length }, (_, at) => [at, make(at)] as const)
}

const base = endedEvent('x')
const refused = {
  type: 'call.refused',
  call: 'r',
  status: 400,
  dialect: null,
  endpoint: '/v1/messages',
  client: 'c',
  provider: null,
} as const

describe('slices', () => {
  it('recent keeps the newest attempts and knows just those again', () => {
    const state = folded(
      recent,
      many(recentBound.real + 3, (at) => ({ ...base, attempt: `a${at}` })),
    )
    assert.deepEqual(
      inOrder(state.real).map(({ e }) => e.attempt),
      Array.from({ length: recentBound.real }, (_, at) => `a${at + 3}`),
    )
    assert.deepEqual([hasEnded(state, 'a2'), hasEnded(state, 'a3')], [false, true])
  })

  it('recent keeps what few attempts have', () => {
    const few = [
      { ...base, attempt: 'tier', tier: 'flex', searches: 2, price: { source: 'user', version: '1', tier: 'flex' } },
      { ...base, attempt: 'images', images: true },
      { ...base, attempt: 'within', within: 'us', price: { source: 'user', version: '1', within: 'us' } },
      { ...base, attempt: 'audio', audio: { input: 3, cacheRead: 1, output: 2 } },
      { ...base, attempt: 'kept', keptAs: 'resp_a' },
      { ...base, attempt: 'begun', keptAs: 'resp_b', underWay: true, key: 'k' },
      { ...base, attempt: 'imported', imported: 'codex' },
      { ...base, attempt: 'both', imported: 'export', tier: 'batch' },
      { ...base, attempt: 'key', key: 'k', refusal: 'rate' },
    ] as const
    const names = openNameTable()
    const written = recent.write(
      folded(
        recent,
        few.map((e, at) => [at, e]),
      ),
      names,
    )
    const read = recent.read(JSON.parse(JSON.stringify(written)), names.list())
    const found = read && [...inOrder(read.real), ...read.imported.values()].map(({ e }) => e)
    assert.deepEqual(
      few.map(({ attempt }) => found?.find((e) => e.attempt === attempt)),
      few,
    )
  })

  it('open holds what was started and has not ended', () => {
    const events = [
      [1, startedEvent('a')],
      [2, startedEvent('b')],
      [3, endedEvent('a')],
      [4, endedEvent('never-started')],
    ] as const
    assert.deepEqual([...folded(open, events).keys()], ['b.1'])
  })

  it('open lets the oldest go at its bound', () => {
    const started = startedEvent('a')
    const state = folded(
      open,
      many(openBound + 1, (at) => ({ ...started, attempt: `a${at}` })),
    )
    assert.deepEqual([state.size, state.has('a0')], [openBound, false])
  })

  it('accounts keep what the newest attempt says, and lose the one unused for longest', () => {
    const state = folded(accounts, [
      [5, endedEvent('a', { billing: 'plan' })],
      [3, endedEvent('b', { billing: 'metered' })],
      [6, startedEvent('c', { billing: 'overage', model: 'claude-opus' })],
    ])
    assert.deepEqual(
      [...state.values()],
      [{ provider: 'anthropic', account: 'acct-1', billing: 'overage', model: 'claude-opus', lastAt: 6 }],
    )
    const full = folded(
      accounts,
      many(accountBound + 1, (at) => ({ ...base, account: `a${at}` })),
    )
    assert.deepEqual([full.size, full.has(accountKey('anthropic', 'a0'))], [accountBound, false])
  })

  it('prices seen count calls without a price until the model has one', () => {
    const unpriced = endedEvent('a', { cost: null, model: '__proto__' })
    const seen = folded(pricesSeen, [
      [1, unpriced],
      [2, unpriced],
      [3, { ...unpriced, last: false }],
      [4, base],
    ])
    assert.deepEqual([...seen.values()], [{ provider: 'anthropic', model: '__proto__', requests: 2, lastAt: 2 }])
    assert.equal(
      folded(pricesSeen, [
        [1, unpriced],
        [2, { ...unpriced, cost: 5 }],
      ]).size,
      0,
    )
    const full = folded(
      pricesSeen,
      many(unpricedBound + 1, (at) => ({ ...base, cost: null, model: `m${at}` })),
    )
    assert.equal(full.size, unpricedBound)
  })

  it('refusals are counted by code, and are no calls', () => {
    const codes = many(codeBound + 2, (at) => ({ ...refused, code: `c${at}` }))
    const state = folded(refusals, [...codes, [codeBound + 2, { ...refused, code: 'c0' }]])
    assert.deepEqual(state.get('c0'), { code: 'c0', count: 2, lastAt: codeBound + 2 })
    assert.equal(state.get(other)?.count, 2)
    assert.equal(folded(lifetime, codes).real.attempts, 0)
  })

  it('lifetime keeps a bounded number of providers and the whole sum', () => {
    const state = folded(
      lifetime,
      many(nameBound + 7, (at) => ({ ...base, provider: `p${at}` })),
    )
    assert.equal(state.providers.size, nameBound + 1)
    assert.equal([...state.providers.values()].find((row) => row.name === other)?.sums.requests, 7)
    assert.equal(state.real.requests, nameBound + 7)
  })

  it('chains count calls by chain, a bounded number of them, and those that failed over', () => {
    const inChain = { ...base, chain: 'coding' }
    const state = folded(chains, [
      [1, base],
      [2, { ...inChain, last: false }],
      [3, { ...inChain, strategy: 'failover', attempts: 2 }],
      [4, { ...inChain, billing: 'simulated' }],
      [5, { ...inChain, strategy: 'failover', last: false }],
    ])
    assert.deepEqual(
      [...state.rows.values()].map(({ name, simulated, sums, lastAt }) => [
        ...[name, simulated, sums.requests],
        ...[sums.attempts, lastAt],
      ]),
      [
        ['coding', false, 1, 3, 3],
        ['coding', true, 1, 1, 4],
      ],
    )
    assert.deepEqual(state.failedOver, { real: 1, simulated: 0 })
    const full = folded(
      chains,
      many(nameBound + 7, (at) => ({ ...base, chain: `c${at}` })),
    )
    assert.equal(full.rows.size, nameBound + 1)
    assert.equal([...full.rows.values()].find((row) => row.name === other)?.sums.requests, 7)
  })

  it('marginals count by user, feature and session, simulated ones apart', () => {
    const named = { user: 'ann', session: '__proto__', key: 'key_1' }
    const state = folded(marginals, [
      [1, endedEvent('a', named)],
      [2, endedEvent('b', { ...named, billing: 'simulated' })],
      [3, base],
    ])
    const rows = [...rowsOf(state.user.get(0))]
    assert.deepEqual(
      rows.map(({ names, sums }) => [...names, sums.requests]),
      [
        ['ann', '', 1],
        ['ann', 'simulated', 1],
      ],
    )
    assert.ok(openAt(state.session, 0)?.rows.has(keyOf(['__proto__', ''])))
    assert.equal(state.feature.size, 0)
    assert.deepEqual(
      [...rowsOf(state.key.get(0))].map(({ names }) => names[0]),
      ['key_1', 'key_1'],
    )
  })

  it('marginals keep a bounded number of names a day, and sessions for a bounded number of days', () => {
    const names = folded(
      marginals,
      many(marginalBounds.session.names + 4, (at) => ({ ...base, session: `s${at}` })),
    )
    const rows = openAt(names.session, 0)?.rows
    assert.equal(rows?.size, marginalBounds.session.names + 1)
    assert.equal(rows?.get(keyOf([other, '']))?.sums.requests, 4)
    const daily = { ...base, session: 's', user: 'ann' }
    const days = folded(
      marginals,
      many(marginalBounds.session.days + 9, () => daily).map(([at, e]) => [at * dayMs, e] as const),
    )
    assert.deepEqual(
      [days.session.size, days.user.size],
      [marginalBounds.session.days, marginalBounds.session.days + 9],
    )
  })
})
