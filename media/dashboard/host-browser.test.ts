import assert from 'node:assert/strict'
import type { FeedState } from '../../shared/feed-client.ts'
import type { Connection } from './host.ts'
import { connectionOf } from './host-browser.ts'

function after(states: FeedState[]): Connection[] {
  let before: Connection = 'connecting'
  return states.map((state) => {
    before = connectionOf(state, before)
    return before
  })
}
const connecting: FeedState = { kind: 'connecting' }
const live: FeedState = { kind: 'live', instanceId: 'i1' }
const lost: FeedState = { kind: 'lost', retryAt: 500 }

describe('dashboard connection', () => {
  it('stays lost while it is tried again, until the daemon has answered', () => {
    assert.deepEqual(after([connecting, live, lost, connecting, lost, connecting, live]), [
      'connecting',
      'live',
      'lost',
      'lost',
      'lost',
      'lost',
      'live',
    ])
  })

  it('asks for a new page where the daemon speaks another contract', () => {
    const mismatch: FeedState = { kind: 'mismatch', theirs: 2, ours: 1, retryAt: 500 }
    assert.deepEqual(after([connecting, mismatch, connecting]), ['connecting', 'outdated', 'outdated'])
  })
})
