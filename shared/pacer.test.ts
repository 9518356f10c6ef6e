/** What runs when asks come in a burst; the clock is the test's own. */
import assert from 'node:assert/strict'
import { openPacer } from './pacer.ts'

/** A clock in the test's hand; `isLong`: work goes on until it is said to be done. */
function stage(isLong = true) {
  let clock = 0
  let runs = 0
  let finish: () => void = () => {}
  const timers: { at: number; fn: () => void }[] = []
  const work = () => {
    runs++
    return isLong ? new Promise<void>((resolve) => (finish = resolve)) : undefined
  }
  const pacer = openPacer(2000, work, {
    now: () => clock,
    setTimer: (fn, ms) => {
      const timer = { at: clock + ms, fn }
      timers.push(timer)
      return () => timers.splice(timers.indexOf(timer), 1)
    },
  })
  return {
    pacer,
    runs: () => runs,
    async done() {
      finish()
      await new Promise((resolve) => setImmediate(resolve))
    },
    pass(ms: number) {
      clock += ms
      for (const timer of timers.filter((t) => t.at <= clock)) {
        timers.splice(timers.indexOf(timer), 1)
        timer.fn()
      }
    },
  }
}

describe('pacer', () => {
  it('runs the first ask at once and many more as one, a gap later', async () => {
    const { pacer, runs, done, pass } = stage()
    pacer.ask()
    await done()
    for (let i = 0; i < 10; i++) pacer.ask()
    assert.equal(runs(), 1)
    pass(1999)
    assert.equal(runs(), 1)
    pass(1)
    assert.equal(runs(), 2)
    await done()
    pass(10_000)
    assert.equal(runs(), 2)
  })

  it('never lets two runs overlap and keeps what was asked meanwhile', async () => {
    const { pacer, runs, done, pass } = stage()
    pacer.ask()
    pass(5000)
    pacer.ask()
    assert.equal(runs(), 1)
    await done()
    assert.equal(runs(), 2)
  })

  it('does nothing more once closed', async () => {
    const { pacer, runs, done, pass } = stage()
    pacer.ask()
    await done()
    pacer.ask()
    pacer.close()
    pass(5000)
    assert.equal(runs(), 1)
  })

  it('runs work that is done at once just the same: now, and once more for all that follow within the gap', async () => {
    const { pacer, runs, done, pass } = stage(false)
    pacer.ask()
    assert.equal(runs(), 1)
    pacer.ask()
    pacer.ask()
    assert.equal(runs(), 1)
    await done()
    pass(2000)
    assert.equal(runs(), 2)
    await done()
    pass(10_000)
    assert.equal(runs(), 2)
    pacer.ask()
    assert.equal(runs(), 3)
  })
})
