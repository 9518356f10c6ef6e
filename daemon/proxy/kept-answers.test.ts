/** What the recent attempts tell of stored answers: who made them, and which are still to be counted. */
import assert from 'node:assert/strict'
import type { AttemptEnded } from '../../shared/contract/event.ts'
import type { ReplyReading } from '../dialects/dialect.ts'
import { recentBound } from '../ledger/recent.ts'
import { endedEvent } from '../test/plain-events.ts'
import type { Call, Target } from './call.ts'
import { keptAnswerOf, keptAsOf, openKeptAnswers } from './kept-answers.ts'

const lent = { provider: 'openai', account: 'openai', key: 'key-1' } as const
const posted = (changes: Partial<AttemptEnded>) =>
  endedEvent('req_1', { dialect: 'openai-responses', endpoint: '/v1/responses', provider: 'openai', ...changes })
const fetched = (changes: Partial<AttemptEnded>) => posted({ endpoint: '/v1/responses/{id}', ...changes })

type Asked = { named?: string; goesOnFrom?: string; keyId?: string | null; own?: string | null }
const call = ({ named, goesOnFrom, keyId = 'key-1', own = null }: Asked) =>
  ({
    dialect: { name: 'openai-responses' },
    endpoint: { path: named === undefined ? '/v1/responses' : '/v1/responses/{id}' },
    named: named ?? null,
    facts: { goesOnFrom: goesOnFrom ?? null },
    keyId,
    credentials: { own },
    attribution: { session: null },
  }) as unknown as Call
const target = (provider = 'openai', isLent = true) =>
  ({ provider: { id: provider }, model: null, lent: isLent }) as unknown as Target

describe('stored answers after a restart', () => {
  it('are known by the key that made them, at their provider', () => {
    const kept = openKeptAnswers([posted({ ...lent, keptAs: 'resp_a' })])
    assert.equal(kept.providerOf('resp_a', 'key-1'), 'openai')
    assert.equal(kept.providerOf('resp_a', 'key-2'), undefined)
    assert.equal(kept.providerOf('resp_b', 'key-1'), undefined)
  })

  it('are nobody’s where the own account made them, with a key of ours beside it or without one', () => {
    const kept = openKeptAnswers([
      posted({ account: 'acct-1', key: 'key-1', keptAs: 'resp_a', underWay: true }),
      posted({ account: 'openai', keptAs: 'resp_b', underWay: true }),
    ])
    assert.equal(kept.providerOf('resp_a', 'key-1'), undefined)
    assert.equal(kept.providerOf('resp_b', 'key-1'), undefined)
  })

  it('begun in the background are counted once by whoever is told, as they were asked for', () => {
    const as = { model: 'gpt-5.2-pro', client: 'c', task: 'extraction', session: 's', user: 'u', feature: 'digest' }
    const kept = openKeptAnswers([posted({ account: 'acct-1', keptAs: 'resp_a', underWay: true, ...as })])
    assert.equal(kept.begunAs(call({ named: 'resp_a' }), target('other')), undefined)
    const begun = kept.begunAs(call({ named: 'resp_a' }), target('openai', false))
    assert.ok(begun)
    const { model, ...attribution } = as
    assert.equal(begun.model, model)
    assert.deepEqual(begun.attribution, { ...attribution, featureSaid: false })
    assert.deepEqual([begun.take(), begun.take()], [true, false])
    assert.equal(kept.begunAs(call({ named: 'resp_a' }), target()), undefined)
  })

  it('begun without a model take that of the answer', () => {
    const kept = openKeptAnswers([posted({ ...lent, keptAs: 'resp_a', underWay: true, model: 'unknown' })])
    assert.equal(kept.begunAs(call({ named: 'resp_a' }), target())?.model, null)
  })

  it('that were counted before are not counted again, and stay their key’s', () => {
    const kept = openKeptAnswers([
      posted({ ...lent, keptAs: 'resp_a', underWay: true, outcome: 'aborted' }),
      fetched({ account: 'openai', key: 'key-2', keptAs: 'resp_a' }),
    ])
    assert.equal(kept.begunAs(call({ named: 'resp_a' }), target()), undefined)
    assert.equal(kept.providerOf('resp_a', 'key-1'), 'openai')
    assert.equal(kept.providerOf('resp_a', 'key-2'), undefined)
  })

  it('that are not known are refused with how far back they are', () => {
    const kept = openKeptAnswers([])
    for (const asked of [{ named: 'resp_a' }, { goesOnFrom: 'resp_a' }]) {
      const found = keptAnswerOf(call(asked), kept)
      assert.ok(found.kind === 'not-theirs')
      assert.match(found.no.detail, new RegExp(`"resp_a".*the last ${recentBound.real} attempts.*sent whole`))
    }
  })
})

describe('what the end of an attempt tells of a stored answer', () => {
  const told = (keptAs: string | null, underWay = false) =>
    ({ keptAs, ...(underWay && { underWay }) }) as unknown as ReplyReading
  const made = call({})
  const own = call({ own: 'sk-own' })

  it('is its id on a lent key, and in the background on any', () => {
    assert.deepEqual(keptAsOf(made, target(), told('resp_a')), { id: 'resp_a', underWay: false })
    assert.deepEqual(keptAsOf(made, target(), told('resp_a', true)), { id: 'resp_a', underWay: true })
    assert.deepEqual(keptAsOf(own, target('openai', false), told('resp_a', true)), { id: 'resp_a', underWay: true })
  })

  it('is the id in the path where it is counted by whoever asked for it', () => {
    const asked = call({ named: 'resp_a', own: 'sk-own' })
    assert.deepEqual(keptAsOf(asked, target('openai', false), told(null)), { id: 'resp_a', underWay: false })
  })

  it('is nothing where nothing is kept, or an own account knows it itself', () => {
    assert.equal(keptAsOf(made, target(), told(null)), null)
    assert.equal(keptAsOf(made, target(), null), null)
    assert.equal(keptAsOf(own, target('openai', false), told('resp_a')), null)
    assert.equal(keptAsOf(call({ keyId: null }), target(), told('resp_a')), null)
  })
})
