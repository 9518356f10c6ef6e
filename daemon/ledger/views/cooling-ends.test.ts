/** What proves a cooldown over before its time, and what does not. */
import assert from 'node:assert/strict'
import type { CooldownSet, Event, QuotaRead } from '../../../shared/contract/event.ts'
import type { QuotaReading, QuotaWindow } from '../../../shared/contract/quota.ts'
import { cooldownEvent, endedEvent, entriesOf, quotaEvent, startedEvent, windowOf } from '../../test/plain-events.ts'
import { emptyLedger, fold } from '../ledger.ts'
import { cooldownsAfter } from './cooling-ends.ts'

const minute = 60_000
const setAt = Date.UTC(2026, 10, 22, 12)
const now = setAt + 5 * minute
const until = setAt + 60 * minute
const named = { provider: 'anthropic', account: 'acct-1' }

const set = (changes: Partial<CooldownSet> = {}) => cooldownEvent({ until, refusal: 'plan', strikes: 3, ...changes })
function ledgerOf(...events: (readonly [number, Event])[]) {
  const ledger = emptyLedger('UTC')
  for (const entry of entriesOf(events)) fold(ledger, entry)
  return ledger
}

describe('a cooldown ended by an answer', () => {
  const ends = (changes: Parameters<typeof endedEvent>[1], ...more: (readonly [number, Event])[]) =>
    cooldownsAfter(
      ledgerOf([setAt, set()], [setAt, set({ model: 'opus' })], [setAt, set({ model: 'haiku' })], ...more),
      endedEvent('a', { model: 'opus', startedAt: setAt + 1, ...changes }),
      now,
    ).map(({ type, model }) => [type, model])
  const both = [
    ['cooldown.ended', null],
    ['cooldown.ended', 'opus'],
  ]

  it("is the account's own and that model's, where the call was sent after", () => {
    assert.deepEqual(ends({}), both)
    assert.deepEqual(ends({ startedAt: setAt }), [])
    assert.deepEqual(ends({ account: 'acct-2' }), [])
  })
  it('goes by when the attempt was sent, not by when its call began', () => {
    const started = startedEvent('a', { attempt: 'a.2' })
    assert.deepEqual(ends({ attempt: 'a.2', startedAt: setAt - 1 }, [setAt + 1, started]), both)
    assert.deepEqual(ends({ attempt: 'a.2', startedAt: setAt - 1 }, [setAt, started]), [])
  })
  it('is not ended by what is no answer, or none that costs tokens', () => {
    for (const outcome of ['refused', 'failed', 'truncated', 'aborted'] as const)
      assert.deepEqual(ends({ outcome }), [])
    assert.deepEqual(ends({ usage: null }), [])
    assert.deepEqual(ends({ imported: 'codex' }), [])
  })
  it('is over, too, where it stands in the future', () => {
    const ledger = ledgerOf([now + 1, set()])
    assert.equal(cooldownsAfter(ledger, endedEvent('a', { startedAt: now - 1 }), now).length, 1)
  })
})

describe('a cooldown ended by a limit that was read', () => {
  const of = (name: string, changes: Partial<QuotaWindow> = {}) => windowOf(name, { measuredAt: setAt, ...changes })
  const usedUp = (name: string, resetsAt: number | null = until) =>
    of(name, { usedPct: 100, status: 'rejected', resetsAt })
  const withRoom = (name: string) => of(name, { usedPct: 3, status: 'allowed', resetsAt: until })
  const reading = (windows: QuotaWindow[], changes: Partial<QuotaReading> = {}) =>
    quotaEvent(windows, changes) as QuotaRead
  const after = (known: Event[], cooldown: Event, read: QuotaRead, sentAt: number | undefined = setAt + 1) =>
    cooldownsAfter(ledgerOf(...known.map((e) => [setAt, e] as const), [setAt, cooldown]), read, now, sentAt)
  const ended = (model: string | null = null) => [{ type: 'cooldown.ended', ...named, model, why: 'limit-read' }]

  const cases: [string, Event[], Event, QuotaRead, readonly unknown[]][] = [
    ['has room again', [reading([usedUp('5h')])], set(), reading([withRoom('5h')]), ended()],
    ['says the same', [reading([usedUp('5h')])], set(), reading([usedUp('5h')]), []],
    ['is another one', [reading([usedUp('5h')])], set(), reading([withRoom('7d')]), []],
    ['was never used up', [reading([withRoom('5h')])], set(), reading([withRoom('5h')]), []],
    ['is one of two', [reading([usedUp('5h'), usedUp('7d')])], set(), reading([withRoom('5h')]), []],
    [
      'is one of two, and the other one comes back earlier',
      [reading([usedUp('5h', until - 1), usedUp('7d')])],
      set(),
      reading([usedUp('5h', until - 1), withRoom('7d')]),
      [set({ until: until - 1 })],
    ],
    [
      'comes back earlier than it said',
      [reading([usedUp('5h')])],
      set(),
      reading([usedUp('5h', now + minute)]),
      [set({ until: now + minute })],
    ],
    [
      'comes back earlier, as it said all along',
      [reading([usedUp('5h', now + minute)])],
      set(),
      reading([usedUp('5h', now + minute)]),
      [],
    ],
    ['comes back later', [reading([usedUp('5h')])], set(), reading([usedUp('5h', until + 1)]), []],
    ['tells no reset any more', [reading([usedUp('5h')])], set(), reading([usedUp('5h', null)]), []],
    [
      'is not what the cooldown is for',
      [reading([usedUp('5h')])],
      set({ refusal: 'money' }),
      reading([withRoom('5h')]),
      [],
    ],
    [
      "is the model's",
      [reading([usedUp('7d-opus')])],
      set({ model: 'claude-opus-4' }),
      reading([withRoom('7d-opus')]),
      ended('claude-opus-4'),
    ],
    [
      'is of another model',
      [reading([usedUp('7d-opus')])],
      set({ model: 'claude-sonnet-5' }),
      reading([withRoom('7d-opus')]),
      [],
    ],
    [
      'is a minute’s of one model',
      [reading([of('requests', { remaining: 0, resetsAt: until })], { model: 'm' })],
      set({ model: 'm', refusal: 'rate' }),
      reading([of('requests', { remaining: 1, resetsAt: until })], { model: 'm' }),
      ended('m'),
    ],
    ['is another account’s', [reading([usedUp('5h')])], set(), reading([withRoom('5h')], { account: 'acct-2' }), []],
  ]
  for (const [what, known, cooldown, read, expected] of cases) {
    it(`where it ${what}: ${expected.length > 0 ? 'ends or is shortened' : 'stays'}`, () =>
      assert.deepEqual(after(known, cooldown, read), expected))
  }

  it('is not ended by what a call read that was sent before, or nobody knows when', () => {
    const known = [reading([usedUp('5h')])]
    assert.deepEqual(after(known, set(), reading([withRoom('5h')]), setAt), [])
    const ledger = ledgerOf([setAt, reading([usedUp('5h')])], [setAt, set()])
    assert.deepEqual(cooldownsAfter(ledger, reading([withRoom('5h')]), now), [])
  })
})
