/** What is drawn when changes come in a burst; the clock is the test's own. */
import assert from 'node:assert/strict'
import { openPacer, type PacerClock } from './pacer.ts'

function handClock(): PacerClock & { go(ms: number): void } {
  let at = 0
  let timers: { due: number; fn: () => void }[] = []
  return {
    now: () => at,
    setTimer(fn, ms) {
      const timer = { due: at + ms, fn }
      timers.push(timer)
      return () => {
        timers = timers.filter((one) => one !== timer)
      }
    },
    go(ms) {
      at += ms
      const due = timers.filter((one) => one.due <= at)
      timers = timers.filter((one) => one.due > at)
      for (const { fn } of due) fn()
    },
  }
}

describe('openPacer', () => {
  it('runs for the first change at once, and once more for all that follow within the time', () => {
    const clock = handClock()
    const ran: number[] = []
    const pacer = openPacer(1000, () => ran.push(clock.now()), clock)
    pacer.poke()
    assert.deepEqual(ran, [0])
    clock.go(100)
    pacer.poke()
    pacer.poke()
    clock.go(899)
    assert.deepEqual(ran, [0])
    clock.go(1)
    assert.deepEqual(ran, [0, 1000])
    clock.go(5000)
    assert.deepEqual(ran, [0, 1000])
    pacer.poke()
    assert.deepEqual(ran, [0, 1000, 6000])
  })

  it('runs no more once closed', () => {
    const clock = handClock()
    let ran = 0
    const pacer = openPacer(1000, () => ran++, clock)
    pacer.poke()
    pacer.poke()
    pacer.close()
    clock.go(2000)
    assert.equal(ran, 1)
  })
})
