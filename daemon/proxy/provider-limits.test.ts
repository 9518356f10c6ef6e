import assert from 'node:assert/strict'
import { openai } from '../providers/openai.ts'
import type { OwnLimits } from '../providers/provider.ts'
import { openProviderLimits } from './provider-limits.ts'

describe('proxy/provider-limits', () => {
  let ms = 0
  const opened = (limits: OwnLimits) => {
    ms = 5_000_000
    const known = openProviderLimits(() => ms)
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
    const known = openProviderLimits(() => ms)
    for (let i = 0; i < 1000; i++) assert.equal(known.enter(openai, 1e9).kind, 'in')
  })
})
