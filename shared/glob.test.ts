import assert from 'node:assert/strict'
import { fits, isPattern } from './glob.ts'

describe('glob', () => {
  const rows: [pattern: string, fitting: string[], not: string[]][] = [
    ['gpt-4o', ['gpt-4o'], ['gpt-4o-mini', 'gpt-4', '']],
    ['claude-sonnet-*', ['claude-sonnet-4-5', 'claude-sonnet-'], ['claude-sonnet', 'my-claude-sonnet-4']],
    ['*-mini', ['gpt-4o-mini', '-mini'], ['gpt-4o-mini-2', 'mini']],
    ['*sonnet*', ['sonnet', 'claude-sonnet-4'], ['claude-opus', 'sonne']],
    ['a*b*c', ['abc', 'aXbYc', 'abbcc'], ['acb', 'ab', 'abcd']],
    ['*', ['', 'anything/at all'], []],
    ['**', ['', 'x'], []],
    ['ab*ba', ['abba', 'abXba'], ['aba']],
    ['a*a', ['aa', 'aba'], ['a']],
    ['a.c?[x]$', ['a.c?[x]$'], ['abc', 'a.c']],
  ]
  for (const [pattern, fitting, not] of rows) {
    it(`${pattern} stands for what it says and nothing else`, () => {
      for (const name of fitting) assert.equal(fits(pattern, name), true, name)
      for (const name of not) assert.equal(fits(pattern, name), false, name)
    })
  }
  it('is no pattern without a star', () => {
    assert.deepEqual(['a*', 'a', 'a?'].map(isPattern), [true, false, false])
  })
  it('answers on names and patterns made to take long', () => {
    const name = 'a'.repeat(100_000)
    assert.equal(fits(`${'a*'.repeat(100)}b`, name), false)
    assert.equal(fits(`${'*a'.repeat(100)}`, name), true)
  })
})
