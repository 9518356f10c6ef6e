/** What the page may ask for. */
import assert from 'node:assert/strict'
import { readPageMessage } from './page-messages.ts'

describe('readPageMessage', () => {
  it('takes readiness and questions that only read', () => {
    assert.deepEqual(readPageMessage({ type: 'ready' }), { type: 'ready' })
    const ask = { query: { group_by: 'model' } }
    assert.deepEqual(readPageMessage({ type: 'ask', id: 1, name: 'usage', ask }), {
      type: 'ask',
      id: 1,
      name: 'usage',
      ask,
    })
    assert.deepEqual(readPageMessage({ type: 'ask', id: 2, name: 'summary' }), {
      type: 'ask',
      id: 2,
      name: 'summary',
      ask: {},
    })
  })

  for (const name of ['stop', 'createKey', 'revokeKey', 'keys', 'dashboardLink', 'toString', '__proto__', '']) {
    it(`refuses ${name || 'nothing'}`, () => {
      assert.deepEqual(readPageMessage({ type: 'ask', id: 1, name, ask: {} }), {
        type: 'refused',
        id: 1,
        why: `The page may not ask for '${name}'.`,
      })
    })
  }

  for (const data of [undefined, null, 'ready', {}, { type: 'run' }, { type: 'ask', name: 'usage' }]) {
    it(`ignores ${JSON.stringify(data)}`, () => assert.equal(readPageMessage(data), undefined))
  }
})
