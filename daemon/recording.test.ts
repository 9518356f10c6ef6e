import assert from 'node:assert/strict'
import { isKept } from './recording.ts'
import { endedEvent, quotaEvent, startedEvent } from './test/plain-events.ts'

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
})
