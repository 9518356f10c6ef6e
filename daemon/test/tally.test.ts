/** How a test run is asked for, and how it closes. */
import assert from 'node:assert/strict'
import { closingLine, exitCodeOf, readArguments, sum } from './tally.ts'

describe('a test run', () => {
  it('reads its arguments', () => {
    assert.deepEqual(readArguments([]), { grep: undefined, host: true })
    for (const args of [['--grep', 'a b'], ['--grep=a b'], ['-g', 'a b']]) {
      assert.deepEqual(readArguments(args), { grep: 'a b', host: true })
    }
    assert.deepEqual(readArguments(['--no-host', '-g', 'x']), { grep: 'x', host: false })
  })

  it('names an argument that it does not know, and a missing text', () => {
    assert.throws(() => readArguments(['--gerp', 'x']), /unknown argument --gerp/)
    assert.throws(() => readArguments(['--grep']), /needs the text/)
    assert.throws(() => readArguments(['--grep=']), /needs the text/)
  })

  it('closes with the sums of all its parts', () => {
    const parts = [
      { passed: 2, failed: 0 },
      { passed: 3, failed: 1 },
    ]
    assert.equal(closingLine(sum(parts)), '5 passed, 1 failed')
    assert.equal(closingLine(sum([])), '0 passed, 0 failed')
  })

  it('is green only if something passed and nothing failed', () => {
    assert.equal(exitCodeOf({ passed: 1, failed: 0 }), 0)
    assert.equal(exitCodeOf({ passed: 1, failed: 1 }), 1)
    assert.equal(exitCodeOf({ passed: 0, failed: 0 }), 1)
  })
})
