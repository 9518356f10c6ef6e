import assert from 'node:assert/strict'
import { openRateLimit } from './rate-limit.ts'

const key = { kind: 'key', id: 'key_1' } as const
const start = Date.parse('2026-03-10T12:00:00.500Z')

function opened(perMinute = 3) {
  const clock = { now: start }
  const settings = { perMinute }
  const limit = openRateLimit({ perMinute: () => settings.perMinute, now: () => clock.now })
  const isTaken = (window?: string, who: { kind: 'key' | 'local' | 'page'; id: string } = key) =>
    limit.take(who, window).no === undefined
  return { clock, settings, limit, isTaken }
}

describe('api/rate-limit', () => {
  it('says with every answer what is left, and when it is whole again', () => {
    const { clock, limit } = opened()
    assert.deepEqual(limit.take(key, undefined), {
      headers: {
        'x-ratelimit-limit': '3',
        'x-ratelimit-remaining': '2',
        'x-ratelimit-reset': String(Date.parse('2026-03-10T12:01:01Z') / 1000),
        'ratelimit-policy': '"minute";q=3;w=60',
        ratelimit: '"minute";r=2;t=60',
      },
      no: undefined,
    })
    clock.now += 20_400
    assert.equal(limit.take(key, undefined).headers.ratelimit, '"minute";r=1;t=40')
  })

  it('says no in the words of the page, and lets the next minute pass', () => {
    const { clock, limit, isTaken } = opened()
    assert.deepEqual([isTaken(), isTaken(), isTaken()], [true, true, true])
    clock.now += 17_999
    const { no, headers } = limit.take(key, undefined)
    assert.deepEqual(no, {
      problem: 'rate_limited',
      title: 'Rate Limit Exceeded',
      detail: 'Maximum 3 requests per minute exceeded. Try again in 43 seconds.',
      retryAfter: 43,
    })
    assert.equal(headers['x-ratelimit-remaining'], '0')
    clock.now = start + 59_999
    assert.equal(limit.take(key, undefined).no?.retryAfter, 1)
    clock.now = start + 60_000
    assert.equal(isTaken(), true)
  })

  it('counts each who asks, and each window of theirs, by itself', () => {
    const { isTaken } = opened(1)
    const local = { kind: 'local', id: 'local' } as const
    assert.deepEqual([isTaken('a'), isTaken('b'), isTaken(), isTaken('a', local)], [true, true, true, true])
    assert.deepEqual([isTaken('a'), isTaken('b'), isTaken(), isTaken('a', local)], [false, false, false, false])
  })

  it('gives nobody more by naming ever new windows, and forgets them after their minute', () => {
    const { clock, isTaken } = opened(1)
    const taken = () =>
      Array.from({ length: 100 }, (_, i) => isTaken(`window ${clock.now} ${i}`)).filter(Boolean).length
    assert.equal(taken(), 17)
    clock.now += 60_000
    assert.equal(taken(), 17)
  })

  it('goes on after a jump of the clock, either way', () => {
    const { clock, isTaken } = opened(1)
    assert.deepEqual([isTaken(), isTaken()], [true, false])
    clock.now -= 24 * 3600_000
    assert.deepEqual([isTaken(), isTaken()], [true, false])
    clock.now += 48 * 3600_000
    assert.deepEqual([isTaken(), isTaken()], [true, false])
  })

  it('goes by what the config says now', () => {
    const { settings, limit, isTaken } = opened(2)
    assert.deepEqual([isTaken(), isTaken(), isTaken()], [true, true, false])
    settings.perMinute = 3
    assert.equal(isTaken(), true)
    settings.perMinute = 1
    assert.equal(limit.take(key, undefined).headers['x-ratelimit-remaining'], '0')
  })
})
