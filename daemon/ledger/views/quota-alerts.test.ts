/** What is told of a provider's limit, and how often. */
import assert from 'node:assert/strict'
import type { AlertAbout } from '../../../shared/contract/alert.ts'
import type { Event } from '../../../shared/contract/event.ts'
import type { QuotaWindow } from '../../../shared/contract/quota.ts'
import { endedEvent, quotaEvent, windowOf } from '../../test/plain-events.ts'
import { emptyLedger, fold, readLedger, writeLedger } from '../ledger.ts'
import { quotaKey } from '../quotas.ts'
import { hourMs } from '../zone.ts'
import { nextUsableAt, quotaAlertsDue } from './quota-alerts.ts'

const start = Date.parse('2026-03-10T12:00:00Z')
const reset = start + 3 * hourMs

/** A ledger, and what is raised as readings come; `restart` goes through a snapshot. */
function story() {
  let ledger = emptyLedger('Europe/Berlin')
  let n = 0
  const all: { t: number; e: Event }[] = []
  const raised: AlertAbout[] = []
  const ids: string[] = []
  const add = (t: number, e: Event) => {
    all.push({ t, e })
    fold(ledger, { origin: 'o', n: ++n, t, e })
  }
  const look = (t: number) => {
    const quota = ledger.quotas.get(quotaKey('anthropic', 'acct-1', null))
    assert.ok(quota)
    for (;;) {
      const due = quotaAlertsDue(ledger, quota, t)
      for (const { id, about } of due) {
        assert.ok(!ids.includes(id), `${id} was raised before`)
        ids.push(id)
        raised.push(about)
        add(t, { type: 'alert.raised', id, about, hooks: [] })
      }
      if (due.length === 0) return
    }
  }
  add(start - 1, endedEvent('a', { billing: 'plan' }))
  return {
    ids,
    read(t: number, usedPct: number | null, more: Partial<QuotaWindow> = {}) {
      add(t, quotaEvent([windowOf('5h', { measuredAt: t, usedPct, resetsAt: reset, ...more })]))
      look(t)
    },
    look,
    told: () => raised.splice(0).map(({ kind, threshold }) => `${kind} ${threshold}`),
    texts: () => raised.splice(0).map(({ text }) => text),
    nextUsableAt: (t: number) => nextUsableAt(ledger, t),
    restart() {
      const replayed = emptyLedger('Europe/Berlin')
      for (const [at, { t, e }] of all.entries()) fold(replayed, { origin: 'o', n: at + 1, t, e })
      assert.deepEqual(writeLedger(replayed), writeLedger(ledger))
      const read = readLedger(JSON.parse(JSON.stringify(writeLedger(ledger))), 'Europe/Berlin')
      assert.ok(read)
      ledger = read
    },
  }
}

describe('ledger/views/quota-alerts', () => {
  it('tells that a limit is nearly used up, then that it is, each once', () => {
    const { read, texts, told } = story()
    read(start, 89.9)
    assert.deepEqual(told(), [])
    read(start + 1, 91)
    read(start + 2, 95)
    assert.deepEqual(texts(), ['Claude plan: limit 5h is 91% used; it resets 16:00.'])
    read(start + 3, 100)
    read(start + 4, 100)
    assert.deepEqual(texts(), ['Claude plan: limit 5h is used up; it resets 16:00.'])
    read(start + 5, 92)
    assert.deepEqual(told(), [])
  })

  it('tells of several thresholds at once by the highest', () => {
    const { read, told } = story()
    read(start, 100)
    assert.deepEqual(told(), ['quota 100'])
  })

  it('names an alert after the limit, the reading that began the episode, and the threshold', () => {
    const { read, ids } = story()
    read(start, 91)
    read(start + 5, 100)
    assert.deepEqual(ids, [`quota:anthropic:acct-1:5h:${start}:90`, `quota:anthropic:acct-1:5h:${start}:100`])
  })

  const silent: readonly [what: string, usedPct: number | null, more: Partial<QuotaWindow>][] = [
    ['tells no share', null, {}],
    ['is older than what was told', 10, { measuredAt: start - 5 }],
    ['is of another limit', 10, { name: '7d' }],
    ['still shows much used', 80, {}],
    ['says that it refuses', 10, { status: 'rejected' }],
  ]
  for (const [what, usedPct, more] of silent) {
    it(`is not re-armed by a reading that ${what}`, () => {
      const { read, told } = story()
      read(start, 91)
      told()
      read(start + 10, usedPct, { measuredAt: start + 10, ...more })
      const raisedBy = told().filter((one) => one !== 'quota 100')
      read(start + 20, 91)
      assert.deepEqual([raisedBy, told()], [[], []])
    })
  }

  it('raises nothing by a reading that tells no share', () => {
    const { read, told } = story()
    read(start, null)
    assert.deepEqual(told(), [])
  })

  it('is re-armed by a reading that shows room, also across a restart', () => {
    const { read, told, restart } = story()
    read(start, 91)
    restart()
    read(start + 1, 92)
    assert.deepEqual(told(), ['quota 90'])
    read(start + 2, 12)
    restart()
    read(start + 3, 93)
    assert.deepEqual(told(), ['quota 90'])
  })

  it('tells that a used-up limit is usable again when its reset has passed, once, and is not re-armed by that', () => {
    const { read, look, texts, told, restart, nextUsableAt } = story()
    read(start, 100)
    told()
    assert.equal(nextUsableAt(start), reset)
    look(reset - 1)
    assert.deepEqual(told(), [])
    restart()
    look(reset)
    assert.deepEqual(texts(), ['Claude plan: limit 5h can be used again.'])
    restart()
    look(reset + 1)
    assert.equal(nextUsableAt(reset + 1), undefined)
    read(reset + 2, 91, { resetsAt: reset + 5 * hourMs })
    assert.deepEqual(told(), [], 'nobody has seen room yet')
    read(reset + 3, 5, { resetsAt: reset + 5 * hourMs })
    read(reset + 4, 91, { resetsAt: reset + 5 * hourMs })
    assert.deepEqual(told(), ['quota 90'])
  })

  it('tells so earlier where a reading shows room, and not again at the reset', () => {
    const { read, look, told } = story()
    read(start, 100)
    read(start + 1, 3)
    assert.deepEqual(told(), ['quota 100', 'usable 100'])
    look(reset)
    read(reset + 1, 95, { resetsAt: reset + 5 * hourMs })
    assert.deepEqual(told(), ['quota 90'])
  })

  it('says nothing of room where the limit was never used up', () => {
    const { read, look, told } = story()
    read(start, 95)
    told()
    read(start + 1, 3)
    look(reset)
    assert.deepEqual(told(), [])
  })

  it('says that it is usable only once no other limit of the account is used up', () => {
    const { read, look, told } = story()
    const week = { name: '7d', resetsAt: reset + hourMs }
    read(start, 100)
    read(start + 1, 100, week)
    assert.deepEqual(told(), ['quota 100', 'quota 100'])
    look(reset)
    assert.deepEqual(told(), [])
    look(reset + hourMs)
    assert.deepEqual(told(), ['usable 100'], 'one for both')
  })

  const windows: readonly [name: string, more: Partial<QuotaWindow>, told: boolean][] = [
    ['requests', { resetsAt: start + 60_000 }, false],
    ['tokens-minute', { resetsAt: start + 30_000 }, false],
    ['requests-day', { resetsAt: start + 60_000 }, true],
    ['monthly-budget', { resetsAt: start + 2 * hourMs }, true],
    ['7d-opus', {}, true],
    ['credits', {}, false],
    ['overage', {}, false],
  ]
  for (const [name, more, isTold] of windows) {
    it(`${isTold ? 'tells' : 'does not tell'} of the limit ${name}`, () => {
      const { read, told } = story()
      read(start, 99, { name, ...more })
      assert.deepEqual(told(), isTold ? ['quota 90'] : [])
    })
  }
})
