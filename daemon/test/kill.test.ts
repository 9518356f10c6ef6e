/** kill -9 of the real process under load and in mid-stream: what a client saw finished is there once, with its tokens. */
import assert from 'node:assert/strict'
import { killRounds } from './kill-rounds.ts'

const rounds = 20

describe('kill -9', () => {
  it(`${rounds} rounds: each request id that a client saw finished is there once, with its tokens`, async function () {
    this.timeout(180_000)
    // a different moment each round: from the first calls to well into them
    const { finished, open, interrupted, lost, counted } = await killRounds(
      rounds,
      (round) => 40 + ((round * 37) % 160),
    )
    assert.deepEqual(lost, [])
    assert.ok(finished > rounds, `only ${finished} calls finished: nothing was tested`)
    assert.ok(
      open > 0 && interrupted > 0,
      `calls were cut in the middle (${open}) and ended as interrupted (${interrupted})`,
    )
    // besides the finished ones only those that were cut, at their estimate
    assert.ok(
      counted.provider >= finished && counted.provider <= finished + open,
      `${counted.provider} of ${finished} + ${open}`,
    )
    assert.equal(counted.models, counted.provider)
  })
})
