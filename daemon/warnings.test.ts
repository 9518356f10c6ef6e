/** Warnings: one a code and subject, told once, bounded, and gone when they have passed. */
import { strict as assert } from 'node:assert'
import type { Warning } from '../shared/contract/warning.ts'
import { openWarnings } from './warnings.ts'

function opened() {
  const lines: string[] = []
  const note = (kind: string) => (message: string) => void lines.push(`${kind} ${message}`)
  const log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') }
  let clock = Date.UTC(2026, 0, 1)
  const warnings = openWarnings({ log, now: () => clock++ })
  return { warnings, lines }
}

describe('warnings', () => {
  it('stand in the list once a code and subject, and are logged once', () => {
    const { warnings, lines } = opened()
    for (let i = 0; i < 3; i++) warnings.raise('unpriced-model', 'gpt-99', 'No price is known for gpt-99.')
    warnings.raise('unpriced-model', 'gpt-98', 'No price is known for gpt-98.')
    assert.deepEqual(
      warnings.list().map((one) => one.subject),
      ['gpt-99', 'gpt-98'],
    )
    assert.deepEqual(warnings.list()[0], {
      code: 'unpriced-model',
      subject: 'gpt-99',
      text: 'No price is known for gpt-99.',
      since: '2026-01-01T00:00:00.000Z',
    })
    assert.equal(lines.length, 2)
  })

  it('take a new text and keep their beginning', () => {
    const { warnings, lines } = opened()
    warnings.raise('journal-failing', 'journal', 'The disk is full: 1 line waits.')
    warnings.raise('journal-failing', 'journal', 'The disk is full: 2 lines wait.')
    assert.equal(warnings.list()[0]?.text, 'The disk is full: 2 lines wait.')
    assert.equal(warnings.list()[0]?.since, '2026-01-01T00:00:00.000Z')
    assert.equal(lines.length, 1)
  })

  it('are cleared, and may come again', () => {
    const { warnings, lines } = opened()
    warnings.clear('journal-slow', 'journal')
    assert.equal(lines.length, 0)
    warnings.raise('journal-slow', 'journal', 'Slow.')
    warnings.clear('journal-slow', 'journal')
    assert.deepEqual(warnings.list(), [])
    warnings.raise('journal-slow', 'journal', 'Slow.')
    assert.deepEqual(
      lines.map((line) => line.split(' ')[0]),
      ['warn', 'info', 'warn'],
    )
  })

  it('hold no key that somebody put where a name belongs, and are cleared all the same', () => {
    const { warnings, lines } = opened()
    const key = `sk-${'a'.repeat(40)}`
    warnings.raise('unpriced-model', key, `No price is known for ${key}.`)
    warnings.raise('unpriced-model', key, `No price is known for ${key}.`)
    assert.deepEqual(
      warnings.list().map(({ subject, text }) => [subject, text]),
      [['[secret]', 'No price is known for [secret].']],
    )
    assert.equal(lines.length, 1)
    warnings.clear('unpriced-model', key)
    assert.deepEqual(warnings.list(), [])
  })

  it('tell each change to whoever watches, until they stop', () => {
    const { warnings } = opened()
    const told: Warning[][] = []
    const stop = warnings.watch((list) => told.push(list))
    warnings.raise('home-open', 'home', 'Others can read it.')
    warnings.raise('home-open', 'home', 'Others can read it.')
    warnings.clear('home-open', 'home')
    stop()
    warnings.raise('home-open', 'home', 'Others can read it.')
    assert.deepEqual(
      told.map((list) => list.length),
      [1, 0],
    )
  })

  it('do not grow without end: the oldest give way', () => {
    const { warnings } = opened()
    for (let i = 0; i < 1000; i++) warnings.raise('unpriced-model', `model-${i}`, 'No price.')
    assert.equal(warnings.list().length, 100)
    assert.equal(warnings.list().at(-1)?.subject, 'model-999')
  })
})
