import assert from 'node:assert/strict'
import { type RefusalKind, refusalKind } from '../../shared/contract/refusal.ts'
import { cooldownOf } from './cooldown.ts'
import { mayFailOver } from './failover.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const at = Date.UTC(2026, 10, 22, 10)
const kinds = refusalKind.options
const longest: Record<RefusalKind, number> = {
  rate: hour,
  plan: 8 * day,
  money: 6 * hour,
  overload: hour,
  credential: hour,
  model: hour,
  request: 0,
  unreachable: 2 * minute,
  broken: 2 * minute,
}

/** How long it is avoided, in ms. */
function wait(kind: RefusalKind, statedMs: number | null, strikes = 0, chance = 1, sinceMs = 1000): number | null {
  const before = strikes === 0 ? undefined : { strikes, setAt: at - sinceMs }
  const until = statedMs === null ? null : at + statedMs
  const cooldown = cooldownOf({ kind, scope: 'account', until }, before, at, chance)
  return cooldown === null ? null : cooldown.until - at
}

describe('routing/cooldown', () => {
  it('is as long as the provider said', () => {
    assert.deepEqual(
      [wait('rate', 37_000), wait('rate', hour), wait('plan', 7 * day), wait('overload', 1)],
      [37_000, hour, 7 * day, 1],
    )
  })

  it('is never longer than its kind can last', () => {
    for (const kind of kinds) {
      if (kind === 'request') continue
      assert.equal(wait(kind, 10 * 365 * day), longest[kind], kind)
      for (let strikes = 0; strikes < 2000; strikes = strikes * 2 + 1) {
        const grown = wait(kind, null, strikes) ?? 0
        assert.ok(grown > 0 && grown <= longest[kind], `${kind} ${strikes}: ${grown}`)
      }
    }
  })

  it('grows by the times in a row where nothing is said, from seconds or minutes', () => {
    const grown = (kind: RefusalKind) => [0, 1, 2, 3, 30].map((strikes) => (wait(kind, null, strikes) ?? 0) / 1000)
    assert.deepEqual(grown('rate'), [2, 4, 8, 16, 120])
    assert.deepEqual(grown('unreachable'), [2, 4, 8, 16, 120])
    assert.deepEqual(grown('money'), [900, 1800, 3600, 7200, 21_600])
    assert.deepEqual(grown('credential'), [300, 600, 1200, 2400, 3600])
    assert.deepEqual(grown('model'), [600, 1200, 2400, 3600, 3600])
  })

  it('is spread by chance, by a quarter at most', () => {
    assert.deepEqual(
      [0, 0.5, 1].map((chance) => wait('rate', null, 0, chance)),
      [1500, 1750, 2000],
    )
    for (const chance of [Number.NaN, -1, 7]) assert.equal(wait('rate', null, 0, chance), 2000)
  })

  it('counts anew after a long calm, and after a clock that was wrong', () => {
    const strikes = (sinceMs: number, kind: RefusalKind = 'rate') =>
      cooldownOf({ kind, scope: 'model', until: null }, { strikes: 5, setAt: at - sinceMs }, at, 1)?.strikes
    assert.deepEqual([strikes(9 * minute), strikes(11 * minute), strikes(-1)], [6, 1, 1])
    assert.deepEqual([strikes(11 * hour, 'money'), strikes(13 * hour, 'money')], [6, 1])
  })

  it('does not believe the next second for ever: a stated wait gets a floor that grows', () => {
    assert.deepEqual(
      [0, 1, 2, 3, 30].map((strikes) => wait('rate', 1000, strikes)),
      [1000, 2000, 4000, 8000, 120_000],
    )
    assert.equal(wait('plan', 5 * hour, 30), 5 * hour)
  })

  it('takes a stated time that is over for none', () => {
    for (const stated of [0, -5, -10 * 365 * day, Number.NaN]) assert.equal(wait('rate', stated), 2000)
  })

  it('is none where the request is at fault, and of one model where that is what is not there', () => {
    assert.equal(wait('request', hour), null)
    assert.equal(cooldownOf({ kind: 'model', scope: 'account', until: null }, undefined, at, 1)?.scope, 'model')
  })
})

describe('routing/failover', () => {
  it('goes on from what we lend unless the request is at fault, and from the own account only past a limit', () => {
    assert.deepEqual(
      kinds.filter((kind) => !mayFailOver(kind, 'lent')),
      ['request'],
    )
    assert.deepEqual(
      kinds.filter((kind) => mayFailOver(kind, 'own')),
      ['rate', 'plan'],
    )
  })
})
