/** A stop that is asked for more than once. */
import assert from 'node:assert/strict'
import { openStopping } from './stopping.ts'

describe('daemon/stopping', () => {
  it('takes down once with the grace that was given first, cuts when asked again, and tells all when it is over', async () => {
    const told: string[] = []
    let end: () => void = () => {}
    const takeDown = (seconds: number) => {
      told.push(`down within ${seconds}`)
      return new Promise<void>((resolve) => {
        end = resolve
      })
    }
    const stopping = openStopping(takeDown, () => void told.push('cut'))
    void stopping.stopped.then(() => told.push('stopped'))
    assert.equal(stopping.isStopping(), false)

    const first = stopping.stop(5)
    assert.equal(stopping.isStopping(), true)
    const second = stopping.stop()
    assert.deepEqual(told, ['down within 5', 'cut'])

    end()
    await Promise.all([first, second, stopping.stopped])
    assert.deepEqual(told, ['down within 5', 'cut', 'stopped'])
  })
})
