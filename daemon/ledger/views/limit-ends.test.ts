/** Which limits a good answer proves to have room, and which stay as they were said. */
import assert from 'node:assert/strict'
import type { Event } from '../../../shared/contract/event.ts'
import type { QuotaReading, QuotaWindow } from '../../../shared/contract/quota.ts'
import { endedEvent, entriesOf, quotaEvent, startedEvent, windowOf } from '../../test/plain-events.ts'
import { emptyLedger, fold, readLedger, writeLedger } from '../ledger.ts'
import { quotaKey } from '../quotas.ts'
import { limitsAfter } from './limit-ends.ts'
import { quotasNow } from './limits.ts'

const said = Date.UTC(2026, 10, 22, 12)
const now = said + 60_000
const resetsAt = said + 3_600_000
const refused = (name: string, changes: Partial<QuotaWindow> = {}) =>
  windowOf(name, { usedPct: 100, status: 'rejected', source: 'body', measuredAt: said, resetsAt, ...changes })
const plan = refused('plan')
type Told = readonly [number, Event]
const read = (windows: QuotaWindow[], changes: Partial<QuotaReading> = {}): Told => [said, quotaEvent(windows, changes)]
type Ended = Parameters<typeof endedEvent>[1]
const good = (changes: Ended = {}) => endedEvent('a', { model: 'opus', startedAt: said + 1, ...changes })

function ledgerOf(events: readonly Told[]) {
  const ledger = emptyLedger('UTC')
  for (const entry of entriesOf(events)) fold(ledger, entry)
  return ledger
}
/** Each with the model whose row it stands in. */
const proven = (events: readonly Told[], changes: Ended = {}, at = now) =>
  limitsAfter(ledgerOf(events), good(changes), at).flatMap(({ model, windows }) =>
    windows.map(({ name }) => [name, model]),
  )

describe('a limit that a refusal called used up', () => {
  it('has room by a good answer to a call of its account that was sent later', () => {
    assert.deepEqual(proven([read([plan])]), [['plan', null]])
    assert.deepEqual(proven([read([plan])], { startedAt: said }), [])
    assert.deepEqual(proven([read([plan])], { account: 'acct-2' }), [])
    assert.deepEqual(proven([read([plan])], { provider: 'codex' }), [])
  })

  it('goes by when the attempt was sent, not by when its call began', () => {
    const started = startedEvent('a', { attempt: 'a.2' })
    const second = { attempt: 'a.2', startedAt: said - 1 }
    assert.deepEqual(proven([read([plan]), [said + 1, started]], second), [['plan', null]])
    assert.deepEqual(proven([read([plan]), [said, started]], second), [])
  })

  it('is one of that model, where it counts one', () => {
    const day = refused('requests-day')
    assert.deepEqual(proven([read([day], { model: 'opus' })]), [['requests-day', 'opus']])
    assert.deepEqual(proven([read([day], { model: 'haiku' })]), [])
    assert.deepEqual(proven([read([refused('7d-haiku'), refused('7d-opus')])]), [['7d-opus', null]])
  })

  it('is proven by no bad answer, by none that costs no tokens, and by none that was imported', () => {
    for (const outcome of ['refused', 'failed', 'truncated', 'aborted', 'interrupted'] as const)
      assert.deepEqual(proven([read([plan])], { outcome }), [])
    assert.deepEqual(proven([read([plan])], { usage: null }), [])
    assert.deepEqual(proven([read([plan])], { imported: 'codex' }), [])
    assert.deepEqual(limitsAfter(ledgerOf([read([plan])]), startedEvent('a'), now), [])
  })

  it('stays where headers or events said it, or where something is left of it', () => {
    for (const source of ['header', 'event'] as const) assert.deepEqual(proven([read([refused('5h', { source })])]), [])
    assert.deepEqual(proven([read([refused('requests', { usedPct: 50, remaining: 5, status: null })])]), [])
  })

  it('stays while its calls go on as paid extra usage, but a rate limit beside it does not', () => {
    const both = [plan, refused('requests-minute')]
    assert.deepEqual(proven([read(both)], { billing: 'overage' }), [['requests-minute', null]])
    const beyond = quotaEvent([windowOf('credits', { measuredAt: said + 2, remaining: 9 })], { overageInUse: true })
    assert.deepEqual(proven([read(both), [said + 2, beyond]], { billing: 'plan' }), [['requests-minute', null]])
  })

  it('is written down once more where its reset passed by itself, and only once', () => {
    const [again] = limitsAfter(ledgerOf([read([plan])]), good(), resetsAt + 5)
    assert.ok(again)
    assert.deepEqual(proven([read([plan]), [resetsAt + 5, again]], { startedAt: resetsAt + 9 }, resetsAt + 10), [])
  })

  it('is shown no more, keeps its row’s other windows, and a replay says the same', () => {
    const five = windowOf('5h', { usedPct: 38, measuredAt: said })
    const events = [read([refused('tokens', { limit: 9, remaining: 0 })]), read([plan, five], { overageInUse: false })]
    const ledger = ledgerOf(events)
    const all = [...events, ...limitsAfter(ledger, good(), now).map((e): Told => [now, e])]
    for (const entry of entriesOf(all).slice(events.length)) fold(ledger, entry)
    assert.deepEqual(writeLedger(ledgerOf(all)), writeLedger(ledger))
    const kept = readLedger(JSON.parse(JSON.stringify(writeLedger(ledger))), 'UTC')
    assert.ok(kept)
    for (const one of [ledger, kept]) {
      const [row] = quotasNow(one, now)
      assert.deepEqual([row?.windows.map(({ name }) => name), row?.quota.overageInUse], [['5h'], false])
      const windows = one.quotas.get(quotaKey('anthropic', 'acct-1', null))?.windows
      const room = { usedPct: 0, status: null, resetsAt: now, measuredAt: now }
      assert.deepEqual(windows?.get('plan'), { ...plan, ...room })
      assert.deepEqual(windows?.get('tokens')?.remaining, 9)
    }
  })

  it('is used up again by the next refusal', () => {
    const [room] = limitsAfter(ledgerOf([read([plan])]), good(), now)
    assert.ok(room)
    const later = refused('plan', { measuredAt: now + 1 })
    const [row] = quotasNow(ledgerOf([read([plan]), [now, room], [now + 1, quotaEvent([later])]]), now + 2)
    assert.deepEqual(
      row?.windows.map(({ usedPct, resetsAt }) => [usedPct, resetsAt]),
      [[100, resetsAt]],
    )
  })
})
