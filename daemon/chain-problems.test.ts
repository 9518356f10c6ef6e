import assert from 'node:assert/strict'
import { chainProblemsOf } from './chain-problems.ts'
import { routingOf } from './routing/table.ts'

describe('problems of chains', () => {
  it('name each provider that is not there, once a chain, at its first target', () => {
    const chains = { whole: ['a/m'], part: ['a/m', 'b/m', 'b/n', 'c/m'], none: ['b/m'] }
    const problems = chainProblemsOf(routingOf({ chains }), new Map([['a', 1]]), (path) => path.join('.'))
    assert.deepEqual(
      problems.map(({ code, subject }) => [code, subject]),
      [
        ['chain-incomplete', 'part'],
        ['chain-incomplete', 'none'],
      ],
    )
    assert.match(
      problems[0]?.text ?? '',
      /^chains\.part\.1: chain "part" asks for "b", "c".*its other targets are in use/,
    )
    assert.match(problems[1]?.text ?? '', /^chains\.none\.0: chain "none" asks for "b".*it leads nowhere/)
  })
})
