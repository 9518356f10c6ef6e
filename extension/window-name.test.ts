/** What windows are called in a sentence. */
import assert from 'node:assert/strict'
import { longWindowName } from './window-name.ts'

describe('longWindowName', () => {
  const table: [string, string][] = [
    ['5h', '5 hour limit'],
    ['7d', 'weekly limit'],
    ['30d', '30 day limit'],
    ['7d-opus', 'weekly limit for opus'],
    ['requests', 'requests limit'],
    ['input-tokens', 'input tokens limit'],
    ['90m', '90 minute limit'],
    ['requests-day', 'requests per day limit'],
    ['input-tokens-minute', 'input tokens per minute limit'],
    ['plan', 'plan limit'],
    ['credits', 'credits'],
  ]
  for (const [name, expected] of table) it(`${name} → ${expected}`, () => assert.equal(longWindowName(name), expected))
})
