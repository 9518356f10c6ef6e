/** When a view is drawn and asked anew although nobody said anything; the clock is the test's own. */
import assert from 'node:assert/strict'
import type { Summary } from './contract/summary.ts'
import { openLiveView } from './live-view.ts'
import { limitRow, totals, windowRow } from './test/samples.ts'

const start = Date.parse('2026-11-20T14:00:00Z')
const minute = 60_000

function summaryWith(usedPct: number, resetsAt: number | null): Summary {
  const resets_at = resetsAt === null ? null : new Date(resetsAt).toISOString()
  return {
    ...{ instance_id: 'one', version: '0.1.0', at: '', url: '', time_zone: 'UTC', simulated: false },
    ...{ today: totals(), month: totals(), all_time: totals(), headline: { kind: 'none' }, in_flight: 0 },
    limits: [limitRow({ windows: [windowRow({ used_pct: usedPct, resets_at })] })],
    ...{ budgets: [], recent: [], warnings: [] },
    history: { from: null, segments: 0, bytes: 0, dropped: 0 },
  }
}

function stage(answer: () => Summary | undefined) {
  let at = start
  let asked = 0
  let changes = 0
  const timers: { at: number; fn: () => void }[] = []
  const live = openLiveView({
    clock: {
      now: () => at - start,
      setTimer(fn, ms) {
        const timer = { at: at + ms, fn }
        timers.push(timer)
        return () => void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1))
      },
    },
    wallNow: () => at,
    ask() {
      asked++
      return Promise.resolve(answer())
    },
    changed: () => void changes++,
  })
  return {
    live,
    seen: () => ({ asked, changes, used: live.now().limits[0]?.windows[0]?.used_pct }),
    timers: () => timers.length,
    greet(summary: Summary, seq = 0) {
      live.take({ type: 'hello', contract: 1, version: '0.1.0', instance_id: 'one' })
      live.take({ type: 'summary', seq, summary })
    },
    /** Timers run in their order, each at its time. */
    async pass(ms: number) {
      const end = at + ms
      for (;;) {
        const next = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0]
        if (!next) break
        timers.splice(timers.indexOf(next), 1)
        at = Math.max(at, next.at)
        next.fn()
        await new Promise((resolve) => setImmediate(resolve))
      }
      at = end
    },
    /** The wall clock goes on, timers do not. */
    sleep: (ms: number) => void (at += ms),
  }
}

describe('a live view', () => {
  it('is drawn and asked anew at the moment at which a window is reset, and not before', async () => {
    const { greet, pass, seen } = stage(() => summaryWith(3, start + 100 * minute))
    greet(summaryWith(80, start + minute))
    await pass(minute - 1)
    assert.deepEqual(seen(), { asked: 0, changes: 0, used: 80 })
    await pass(1)
    assert.deepEqual(seen(), { asked: 1, changes: 1, used: 3 })
    await pass(4 * minute)
    assert.deepEqual(seen(), { asked: 1, changes: 1, used: 3 })
  })

  it('shows the reset also where nobody answers, and asks again half a minute later, until somebody does', async () => {
    const answers: Summary[] = []
    const { greet, pass, seen } = stage(() => answers[0])
    greet(summaryWith(80, start + minute))
    await pass(minute)
    assert.deepEqual(seen(), { asked: 1, changes: 1, used: 0 })
    await pass(29_999)
    assert.equal(seen().asked, 1)
    answers.push(summaryWith(5, null))
    await pass(1)
    assert.deepEqual(seen(), { asked: 2, changes: 2, used: 5 })
    await pass(minute)
    assert.equal(seen().asked, 2)
  })

  it('looks for a reset though something else was said since the window was read', async () => {
    const { live, greet, pass, sleep, seen } = stage(() => summaryWith(1, null))
    greet(summaryWith(80, start + minute))
    await pass(minute - 10)
    // the reset passes, and a message comes before the timer of it
    sleep(20)
    live.take({ type: 'warning', seq: 1, warnings: [] })
    assert.equal(seen().used, 0)
    await pass(1)
    assert.deepEqual(seen(), { asked: 1, changes: 1, used: 1 })
  })

  it('asks anew after five silent minutes, for days end too', async () => {
    const { live, greet, pass, seen } = stage(() => summaryWith(7, null))
    greet(summaryWith(80, null))
    await pass(4 * minute)
    live.take({ type: 'warning', seq: 1, warnings: [] })
    await pass(5 * minute - 1)
    assert.equal(seen().asked, 0)
    await pass(1)
    assert.deepEqual(seen(), { asked: 1, changes: 1, used: 7 })
  })

  it('looks within half a minute of waking where the machine slept over the reset', async () => {
    const { greet, pass, sleep, seen } = stage(() => summaryWith(2, null))
    greet(summaryWith(80, start + 60 * minute))
    await pass(minute)
    sleep(120 * minute)
    assert.equal(seen().used, 0)
    await pass(30_000)
    assert.deepEqual(seen(), { asked: 1, changes: 1, used: 2 })
  })

  it('takes no answer over a message that came meanwhile, nor of another daemon', async () => {
    const { live, greet, pass, seen } = stage(() => {
      live.take({ type: 'quota', seq: 1, limit: summaryWith(4, null).limits[0] ?? limitRow(), standing: standing() })
      return summaryWith(50, null)
    })
    const standing = () => {
      const { today, month, headline } = summaryWith(0, null)
      return { simulated: false, today, month, headline, in_flight: 0 }
    }
    greet(summaryWith(80, start + minute))
    await pass(minute)
    assert.deepEqual(seen(), { asked: 1, changes: 1, used: 4 })
    const other = stage(() => ({ ...summaryWith(50, null), instance_id: 'two' }))
    other.greet(summaryWith(80, start + minute))
    await other.pass(minute)
    assert.equal(other.seen().used, 0)
  })

  it('asks nothing before its first summary, nor once it is closed', async () => {
    const { live, greet, pass, seen, timers } = stage(() => summaryWith(1, null))
    live.take({ type: 'hello', contract: 1, version: '0.1.0', instance_id: 'one' })
    assert.equal(timers(), 0)
    greet(summaryWith(80, start + minute))
    live.close()
    assert.equal(timers(), 0)
    await pass(60 * minute)
    assert.equal(seen().asked, 0)
  })
})
