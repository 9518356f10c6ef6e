/** What counts as a failover, and its bounds. */
import assert from 'node:assert/strict'
import type { AttemptEnded } from '../../shared/contract/event.ts'
import { endedEvent, entriesOf } from '../test/plain-events.ts'
import { failoverBound, failovers, leftBound } from './failovers.ts'
import { openNameTable } from './names.ts'
import { other } from './totals.ts'
import { openZone } from './zone.ts'

const zone = openZone('UTC')

function after(state: ReturnType<typeof failovers.empty>, ...events: AttemptEnded[]) {
  for (const entry of entriesOf(events.map((e, at) => [at, e]))) failovers.fold(state, entry, zone, [])
  return state
}

/** One call after the other of these targets, each but the last refused. */
function callOf(call: string, ...targets: Partial<AttemptEnded>[]): AttemptEnded[] {
  return targets.map((target, at) => {
    const last = at === targets.length - 1
    const ending = last ? {} : ({ outcome: 'refused', refusal: 'rate' } as const)
    return endedEvent(call, { attempt: `${call}.${at + 1}`, attempts: at + 1, last, ...ending, ...target, usage: null })
  })
}

const openai = { provider: 'openai', model: 'gpt-5' }
const told = (state: ReturnType<typeof failovers.empty>) =>
  [...state.rows.values()].map(({ from, to, reason, count }) => [from, to, reason, count])

describe('failovers', () => {
  it('are counted from target to target by the reason, in each call as often as it went on', () => {
    const state = after(
      failovers.empty(),
      ...callOf('a', openai, {}),
      ...callOf('b', openai, { provider: 'groq', outcome: 'failed', refusal: 'unreachable' }, {}),
      ...callOf('c', { ...openai, outcome: 'truncated', refusal: undefined }, {}),
    )
    assert.deepEqual(told(state), [
      ['openai', 'anthropic', 'rate', 1],
      ['openai', 'groq', 'rate', 1],
      ['groq', 'anthropic', 'unreachable', 1],
      ['openai', 'anthropic', 'truncated', 1],
    ])
    assert.equal(state.left.size, 0)
  })

  it('are none where the same target is asked once more, but where another account or model is', () => {
    const state = after(
      failovers.empty(),
      ...callOf('a', openai, openai),
      ...callOf('b', openai, { ...openai, account: 'lent' }),
      ...callOf('c', openai, { ...openai, model: 'gpt-5-mini' }),
    )
    assert.deepEqual(told(state), [['openai', 'openai', 'rate', 2]])
  })

  it('are the same where a snapshot was taken in the middle of a call', () => {
    const [first, second] = callOf('a', openai, {})
    assert.ok(first && second)
    const names = openNameTable()
    const written = JSON.parse(JSON.stringify(failovers.write(after(failovers.empty(), first), names))) as unknown
    const read = failovers.read(written, names.list())
    assert.ok(read)
    const whole = after(read, second)
    assert.deepEqual(told(whole), [['openai', 'anthropic', 'rate', 1]])
    const again = openNameTable()
    assert.deepEqual(failovers.read(failovers.write(whole, again), again.list()), whole)
  })

  it('of the sandbox stand apart', () => {
    const state = after(failovers.empty(), ...callOf('a', openai, { billing: 'simulated' }), ...callOf('b', openai, {}))
    assert.deepEqual(
      [...state.rows.values()].map(({ simulated, count }) => [simulated, count]),
      [
        [true, 1],
        [false, 1],
      ],
    )
  })

  it('keep a bounded number of rows, and of calls on their way', () => {
    const calls = Array.from({ length: failoverBound + 4 }, (_, at) =>
      callOf(`c${at}`, { provider: `p${at}` }, { provider: 'q' }),
    )
    const full = after(failovers.empty(), ...calls.flat())
    assert.deepEqual([full.rows.size, told(full).at(-1)], [failoverBound + 1, [other, other, other, 4]])
    const leaving = Array.from({ length: leftBound + 1 }, (_, at) => callOf(`c${at}`, openai, {})[0] as AttemptEnded)
    const { left } = after(failovers.empty(), ...leaving)
    assert.deepEqual([left.size, left.has('c0')], [leftBound, false])
  })

  it('read nothing but what they write', () => {
    for (const json of [{}, { rows: [[0, 0, 0, 2, 1]], left: [] }, { rows: [], left: [['a', 0, 0, 9, 0]] }]) {
      assert.equal(failovers.read(json, ['a name']), undefined)
    }
  })
})
