import assert from 'node:assert/strict'
import type { Event } from '../../../shared/contract/event.ts'
import { endedEvent, entriesOf, startedEvent } from '../../test/plain-events.ts'
import { emptyLedger, fold } from '../ledger.ts'
import { importedAccount } from './account-label.ts'
import { sentToday } from './sent-today.ts'

describe('calls sent today', () => {
  const night = '2026-11-22T23:30:00Z'
  const events: [string, Event][] = [
    ['2026-11-22T22:30:00Z', endedEvent('a')],
    ['2026-11-22T23:01:00Z', endedEvent('b', { attempt: 'b.1', last: false })],
    ['2026-11-22T23:02:00Z', endedEvent('b', { attempt: 'b.2', outcome: 'refused', status: 429 })],
    ['2026-11-22T23:03:00Z', endedEvent('c', { provider: 'openai' })],
    ['2026-11-22T23:04:00Z', startedEvent('d')],
    ['2026-11-22T23:05:00Z', startedEvent('e', { provider: 'openai' })],
    ['2026-11-22T23:06:00Z', endedEvent('f', { account: importedAccount })],
  ]
  const count = (zone: string, provider: string, at: string) => {
    const ledger = emptyLedger(zone)
    for (const entry of entriesOf(events)) fold(ledger, entry)
    const { sent, endsAt } = sentToday(ledger, provider, Date.parse(at))
    return [sent, new Date(endsAt).toISOString()]
  }

  it('are every sending and those that run, of the day that it is where the user is', () => {
    assert.deepEqual(count('UTC', 'anthropic', night), [4, '2026-11-23T00:00:00.000Z'])
    assert.deepEqual(count('Europe/Berlin', 'anthropic', night), [3, '2026-11-23T23:00:00.000Z'])
    assert.deepEqual(count('UTC', 'openai', night), [2, '2026-11-23T00:00:00.000Z'])
    assert.deepEqual(count('UTC', 'nobody', night), [0, '2026-11-23T00:00:00.000Z'])
  })

  it('begin anew with the day but for those that still run', () => {
    assert.deepEqual(count('UTC', 'anthropic', '2026-11-23T00:00:00Z'), [1, '2026-11-24T00:00:00.000Z'])
  })
})
