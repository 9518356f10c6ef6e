import assert from 'node:assert/strict'
import { openPacer } from './pacer.ts'

function stage() {
  let clock = 0
  let runs = 0
  let finish: () => void = () => {}
  const timers: { at: number; fn: () => void }[] = []
  const pacer = openPacer({
    gap: 2000,
    now: () => clock,
    work: () => {
      runs++
      return new Promise<void>((resolve) => {
        finish = resolve
      })
    },
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

describe('dashboard pacer', () => {
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
})
