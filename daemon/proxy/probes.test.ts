import assert from 'node:assert/strict'
import { openProbes } from './probes.ts'

describe('proxy/probes', () => {
  it('lets one at a time, and ends only its own', () => {
    const probes = openProbes()
    const first = probes.take('a')
    assert.ok(first)
    assert.equal(probes.take('a'), null)
    assert.ok(probes.take('b'))
    first()
    const second = probes.take('a')
    assert.ok(second)
    first()
    assert.equal(probes.take('a'), null)
  })
})
