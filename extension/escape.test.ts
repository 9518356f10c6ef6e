/** Text from outside stays text. */
import assert from 'node:assert/strict'
import { plainLabel, plainMarkdown } from './escape.ts'

describe('plainLabel', () => {
  const table: [string, string][] = [
    ['claude-opus-5-5', 'claude-opus-5-5'],
    ['$(flame) hot', '\\$(flame) hot'],
    ['$(sync~spin)', '\\$(sync~spin)'],
    ['costs $(5 or so', 'costs $(5 or so'],
    ['a$(x)b$(y)', 'a\\$(x)b\\$(y)'],
  ]
  for (const [text, expected] of table) it(`${text} → ${expected}`, () => assert.equal(plainLabel(text), expected))
})

describe('plainMarkdown', () => {
  const table: [string, string][] = [
    ['plain words', 'plain words'],
    ['two\n\nlines', 'two lines'],
    ['*a* _b_ `c`', '\\*a\\* \\_b\\_ \\`c\\`'],
    ['[t](u)', '\\[t\\]\\(u\\)'],
    ['a | b', 'a \\| b'],
    ['<img src=x>', '&lt;img src=x&gt;'],
    ['&lt;', '&amp;lt;'],
    ['$(flame)', '\\\\$\\(flame\\)'],
    ['www.a.b', 'www\\.a\\.b'],
  ]
  for (const [text, expected] of table)
    it(`${JSON.stringify(text)} → ${expected}`, () => assert.equal(plainMarkdown(text), expected))
})
