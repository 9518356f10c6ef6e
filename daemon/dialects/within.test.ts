/** Where a call asks to be kept within, and where it was, in the words of Anthropic. */
import assert from 'node:assert/strict'
import { anthropic } from './anthropic/anthropic.ts'
import { withinOf } from './within.ts'

describe('where a call is served, on the wire', () => {
  it('is read from its words; what is empty or no text says nothing', () => {
    assert.deepEqual(['us', 'US', 'global', 'not_available', 'eu', '__proto__'].map(withinOf), [
      'us',
      'us',
      'anywhere',
      'anywhere',
      'other',
      'other',
    ])
    for (const nothing of ['', null, undefined, 7, {}]) assert.equal(withinOf(nothing), undefined)
  })

  it('is what a request may ask for', () => {
    const [endpoint] = anthropic.endpoints
    assert.ok(endpoint)
    const asked = (body: object) =>
      anthropic.readRequest(new TextEncoder().encode(JSON.stringify(body)), { endpoint, named: null })?.within
    assert.equal(asked({ model: 'm', inference_geo: 'us', messages: [] }), 'us')
    assert.equal(asked({ model: 'm', messages: [] }), undefined)
  })
})
