import assert from 'node:assert/strict'
import type { Event } from '../shared/contract/event.ts'
import { emptyLedger, fold } from './ledger/ledger.ts'
import { isKept, openRecorder, openWritten } from './recording.ts'
import { endedEvent, quotaEvent, startedEvent, windowOf } from './test/plain-events.ts'

describe('what is recorded', () => {
  const refused = {
    type: 'call.refused',
    call: 'r',
    code: 'bad_key',
    status: 401,
    dialect: null,
    endpoint: '/*',
    client: 'c',
    provider: null,
  } as const
  const events = [startedEvent('a'), endedEvent('a'), refused, quotaEvent([])]

  it('is everything', () => {
    assert.deepEqual(
      events.map((e) => isKept(e, true, () => false)),
      [true, true, true, true],
    )
  })

  it('is what providers say is left, where recording is off', () => {
    assert.deepEqual(
      events.map((e) => isKept(e, false, () => false)),
      [false, false, false, true],
    )
  })

  it('is the end of an attempt whose start was recorded, too', () => {
    assert.equal(
      isKept(endedEvent('a'), false, (attempt) => attempt === 'a.1'),
      true,
    )
  })

  it('is the end of a cooldown behind what proves it over, where recording is off too', () => {
    for (const isRecording of [true, false]) {
      const ledger = emptyLedger('UTC')
      const kept: string[] = []
      let n = 0
      const record = (e: Event) => {
        kept.push(e.type)
        fold(ledger, { origin: 'home', n: ++n, t: 5, e })
        return n
      }
      const recorder = openRecorder({ book: { ledger, record }, isRecording: () => isRecording, now: () => 9 })
      const named = { provider: 'anthropic', account: 'acct-1', model: null }
      recorder({ type: 'cooldown.set', ...named, until: 99, refusal: 'rate', strikes: 1, attempt: null })
      recorder(endedEvent('a', { startedAt: 6 }))
      recorder(endedEvent('b', { startedAt: 6 }))
      assert.deepEqual(
        kept.filter((type) => type !== 'attempt.ended'),
        ['cooldown.set', 'cooldown.ended'],
      )
      assert.equal(kept.length, isRecording ? 4 : 2)
      assert.equal(ledger.cooldowns.size, 0)
    }
  })

  it('is the room that a good answer proves of a limit, where recording is off too', () => {
    for (const isRecording of [true, false]) {
      const ledger = emptyLedger('UTC')
      const kept: Event[] = []
      const record = (e: Event) => {
        kept.push(e)
        fold(ledger, { origin: 'home', n: kept.length, t: 5, e })
        return kept.length
      }
      const recorder = openRecorder({ book: { ledger, record }, isRecording: () => isRecording, now: () => 9 })
      const plan = windowOf('plan', { usedPct: 100, status: 'rejected', source: 'body', measuredAt: 5, resetsAt: 99 })
      recorder(quotaEvent([plan]))
      recorder(endedEvent('a', { startedAt: 6 }))
      recorder(endedEvent('b', { startedAt: 6 }))
      assert.deepEqual(
        kept.filter(({ type }) => type !== 'attempt.ended').map((e) => e.type === 'quota.read' && e.windows),
        [[plan], [{ ...plan, usedPct: 0, status: null, measuredAt: 9, resetsAt: 9 }]],
      )
      assert.equal(kept.length, isRecording ? 4 : 2)
    }
  })

  it('is written at once where no other call runs, else with the lines of the others', async () => {
    const done: string[] = []
    let underWay = 1
    const book = { settle: () => void done.push('settled'), written: () => Promise.resolve(void done.push('waited')) }
    const written = openWritten({ book, underWay: () => underWay })
    await written()
    underWay = 0
    await written()
    assert.deepEqual(done, ['waited', 'settled', 'waited'])
  })
})
