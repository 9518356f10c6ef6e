import assert from 'node:assert/strict'
import { openai } from '../providers/openai.ts'
import type { OwnLimits } from '../providers/provider.ts'
import { type Entered, openProviderLimits } from './provider-limits.ts'

describe('proxy/provider-limits', () => {
  let ms = 0
  let today = { sent: 0, endsAt: 0 }
  let planned: { at: number; work: () => void }[] = []
  const open = () => {
    ms = 5_000_000
    today = { sent: 0, endsAt: ms + 3_600_000 }
    planned = []
    return openProviderLimits({
      clock: () => ms,
      now: () => ms,
      sentToday: () => today,
      later: (after, work) => {
        const one = { at: ms + after, work }
        planned.push(one)
        return () => {
          planned = planned.filter((other) => other !== one)
        }
      },
    })
  }
  const settled = () => new Promise((resolve) => setImmediate(resolve))
  /** Time goes on, step by step, and what was planned happens; promises settle in between. */
  const pass = async (by: number) => {
    const until = ms + by
    for (;;) {
      await settled()
      const next = planned.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      planned = planned.filter((one) => one !== next)
      ms = Math.max(ms, next.at)
      next.work()
    }
    ms = until
  }
  const opened = (limits: OwnLimits) => {
    const known = open()
    return (tokens = 0) => known.enter({ ...openai, limits }, tokens)
  }
  const waitOf = (entered: ReturnType<ReturnType<typeof opened>>) => (entered.kind === 'wait' ? entered.seconds : 0)

  it('lets so many calls go in any minute, and says when the next may', () => {
    const enter = opened({ rpm: 2 })
    assert.equal(waitOf(enter()), 0)
    ms += 20_000
    assert.equal(waitOf(enter()), 0)
    assert.equal(waitOf(enter()), 40)
    ms += 40_000
    assert.equal(waitOf(enter()), 0)
    assert.equal(waitOf(enter()), 20)
  })

  it('counts tokens as they were used, once that is known', () => {
    const enter = opened({ tpm: 100 })
    const first = enter(80)
    assert.equal(waitOf(enter(30)), 60)
    assert.ok(first.kind === 'in')
    first.left(20)
    first.left(1000)
    assert.equal(waitOf(enter(30)), 0)
    assert.equal(waitOf(enter(60)), 60)
  })

  it('lets one go that is larger than the limit by itself', () => {
    const enter = opened({ tpm: 100 })
    assert.equal(waitOf(enter(500)), 0)
    assert.equal(waitOf(enter(1)), 60)
  })

  it('lets so many run at once', () => {
    const enter = opened({ concurrent: 1 })
    const first = enter()
    assert.ok(waitOf(enter()) > 0)
    assert.ok(first.kind === 'in')
    first.left(null)
    assert.equal(waitOf(enter()), 0)
  })

  it('knows no limit where none is set', () => {
    const known = open()
    for (let i = 0; i < 1000; i++) assert.equal(known.enter(openai, 1e9).kind, 'in')
  })

  it('lets so many go in a day, as the ledger counts it, and says when the next begins', () => {
    const enter = opened({ rpd: 100 })
    today = { sent: 99, endsAt: ms + 7_200_000 }
    assert.equal(waitOf(enter()), 0)
    today = { sent: 100, endsAt: ms + 7_200_000 }
    assert.equal(waitOf(enter()), 7200)
    today = { sent: 0, endsAt: ms + 86_400_000 }
    assert.equal(waitOf(enter()), 0)
  })

  it('names of several limits the one that lasts longest', () => {
    const enter = opened({ rpm: 1, rpd: 1, concurrent: 1 })
    enter()
    today = { sent: 1, endsAt: ms + 3_600_000 }
    const full = enter()
    assert.deepEqual(full, { kind: 'wait', seconds: 3600, why: '1 calls a day ("rpd")' })
  })

  describe('with a line', () => {
    const lined = (limits: OwnLimits) => {
      const known = open()
      const provider = { ...openai, limits }
      const said: string[] = []
      const left: (() => void)[] = []
      const told = (name: string, entered: Entered) => {
        said.push(`${name} ${entered.kind}`)
        if (entered.kind === 'in') left.push(() => entered.left(null))
      }
      return {
        known,
        provider,
        said,
        /** Ends the call that runs longest. */
        end: () => left.shift()?.(),
        call(name: string, tokens = 0) {
          const client = new AbortController()
          void known.queue(provider, tokens, client.signal).then((entered) => told(name, entered))
          return client
        },
      }
    }

    it('wakes who came first as soon as one is over, and leaves no timer behind', async () => {
      const line = lined({ concurrent: 1 })
      for (const name of ['a', 'b', 'c']) line.call(name)
      await pass(100)
      assert.deepEqual(line.said, ['a in'])
      line.end()
      await settled()
      assert.deepEqual(line.said, ['a in', 'b in'])
      await pass(0)
      line.end()
      await pass(0)
      assert.deepEqual(line.said, ['a in', 'b in', 'c in'])
      line.end()
      await pass(0)
      assert.deepEqual(planned, [])
      assert.equal(line.known.enter(line.provider, 0).kind, 'in')
    })

    it('wakes them when a call is a minute old', async () => {
      const line = lined({ rpm: 1 })
      line.call('a')
      await pass(0)
      ms += 52_000
      line.call('b')
      await pass(7999)
      assert.deepEqual(line.said, ['a in'])
      await pass(1)
      assert.deepEqual(line.said, ['a in', 'b in'])
      assert.deepEqual(planned, [])
    })

    it('holds nobody for what cannot be in time', async () => {
      const line = lined({ rpm: 1 })
      line.call('a')
      await pass(0)
      line.call('b')
      await pass(0)
      assert.deepEqual(line.said, ['a in', 'b wait'])
      ms += 55_000
      line.call('c')
      // the one in front takes the whole next minute
      line.call('d')
      await pass(0)
      assert.deepEqual(line.said, ['a in', 'b wait', 'd wait'])
    })

    it('holds nobody longer than ten seconds', async () => {
      const line = lined({ concurrent: 1 })
      line.call('a')
      line.call('b')
      await pass(9999)
      assert.deepEqual(line.said, ['a in'])
      await pass(1)
      assert.deepEqual(line.said, ['a in', 'b wait'])
      line.end()
      await pass(0)
      assert.deepEqual([line.said.length, planned.length], [2, 0])
    })

    it('holds 32 and no more', async () => {
      const line = lined({ concurrent: 1 })
      for (let i = 0; i < 40; i++) line.call(String(i))
      await pass(0)
      assert.deepEqual(line.said, ['0 in', ...[33, 34, 35, 36, 37, 38, 39].map((i) => `${i} wait`)])
    })

    it('frees the place of a client that leaves, at once', async () => {
      const line = lined({ concurrent: 1 })
      line.call('a')
      const second = line.call('b')
      line.call('c')
      await pass(0)
      second.abort()
      await pass(0)
      line.end()
      await pass(0)
      assert.deepEqual(line.said, ['a in', 'b wait', 'c in'])
      const late = line.call('d')
      late.abort()
      await pass(0)
      assert.deepEqual([line.said.at(-1), planned], ['d wait', []])
      const gone = new AbortController()
      gone.abort()
      assert.equal((await line.known.queue(line.provider, 0, gone.signal)).kind, 'wait')
    })

    it('passes nobody by: not with a smaller call, and not with one that does not wait', async () => {
      const line = lined({ tpm: 100, concurrent: 2 })
      line.call('a', 60)
      await pass(0)
      ms += 55_000
      line.call('large', 90)
      line.call('small', 5)
      await pass(0)
      assert.equal(line.known.enter(line.provider, 1).kind, 'wait')
      assert.deepEqual(line.said, ['a in'])
      await pass(5000)
      assert.deepEqual(line.said, ['a in', 'large in'])
      line.end()
      await pass(0)
      assert.deepEqual(line.said, ['a in', 'large in', 'small in'])
    })

    it('lets in all for whom there is room again', async () => {
      const line = lined({ rpm: 3 })
      for (const name of ['a', 'b', 'c']) line.call(name)
      await pass(0)
      ms += 55_000
      for (const name of ['d', 'e', 'f']) line.call(name)
      await pass(5000)
      assert.deepEqual(
        line.said,
        ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `${name} in`),
      )
    })
  })

  it('tells whose count has changed', () => {
    const known = open()
    const told: string[] = []
    const stop = known.watch((id) => told.push(id))
    known.enter(openai, 1)
    const provider = { ...openai, limits: { rpm: 1 } }
    const entered = known.enter(provider, 1)
    known.enter(provider, 1)
    assert.deepEqual(told, ['openai'])
    assert.ok(entered.kind === 'in')
    entered.left(5)
    stop()
    known.enter({ ...provider, limits: { rpm: 2 } }, 1)
    assert.deepEqual(told, ['openai', 'openai'])
  })

  it('shows what is left, as a window of a provider would be', () => {
    const known = open()
    const provider = { ...openai, limits: { rpm: 4, tpm: 1000, rpd: 50, concurrent: 2 } }
    known.enter(provider, 250)
    today = { sent: 20, endsAt: ms + 60_000 }
    ms += 10_000
    const [row] = known.counted([provider, openai])
    assert.deepEqual(
      row?.windows.map((one) => [one.name, one.limit, one.remaining, one.usedPct, one.resetsAt && one.resetsAt - ms]),
      [
        ['requests-minute', 4, 3, 25, 50_000],
        ['tokens-minute', 1000, 750, 25, 50_000],
        ['requests-day', 50, 30, 40, 50_000],
        ['concurrent', 2, 1, 50, null],
      ],
    )
    assert.ok(row?.windows.every(({ source, measuredAt }) => source === 'counted' && measuredAt === ms))
    assert.equal(known.counted([provider, openai]).length, 1)
  })
})
