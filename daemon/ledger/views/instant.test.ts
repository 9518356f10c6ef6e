/** Which texts name an instant. */
import assert from 'node:assert/strict'
import { instantOf } from './instant.ts'

describe('instantOf', () => {
  for (const text of ['2026-03-10T12:00:00Z', '2026-03-10t14:00:00.0+02:00', '2026-03-10T12:00:00.000z']) {
    it(`reads ${text}`, () => assert.equal(instantOf(text), Date.UTC(2026, 2, 10, 12)))
  }

  it('reads the 29th of February where there is one', () => {
    assert.equal(instantOf('2028-02-29T00:00:00Z'), Date.UTC(2028, 1, 29))
  })

  for (const text of [
    '',
    'now',
    '2026-03-10',
    '1773144000',
    '2026-03-10T12:00:00',
    '2026-03-10T12:00Z',
    '2026-03-10 12:00:00Z',
    '2026-03-10T12:00:00+0200',
    '2026-02-29T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-13-10T00:00:00Z',
    '2026-03-00T00:00:00Z',
    '2026-03-10T24:00:00Z',
    '2026-03-10T12:60:00Z',
    '2026-03-10T12:00:00+25:00',
  ]) {
    it(`reads nothing in '${text}'`, () => assert.equal(instantOf(text), undefined))
  }
})
