/** What the ready questions ask, and how answers read. */
import assert from 'node:assert/strict'
import { endpoints } from '../../shared/contract/endpoints/index.ts'
import { totals } from '../../shared/test/samples.ts'
import { now } from '../test/samples.ts'
import { answerRows, copyText, queryFor, questionIn, questions, titleOf } from './usage-questions.ts'

const question = questions[0]
assert.ok(question)

describe('ready questions', () => {
  it('are all understood by the daemon’s schema', () => {
    for (const one of questions)
      assert.ok(endpoints.usage.query.safeParse(queryFor(one, now, 'UTC')).success, one.label)
    assert.equal(new Set(questions.map((one) => one.label)).size, questions.length)
  })

  it('begin today where the daemon’s day begins', () => {
    const late = Date.parse('2026-11-20T23:30:00Z')
    assert.deepEqual(queryFor(question, late, 'UTC'), { from: '2026-11-20', group_by: 'model' })
    assert.deepEqual(queryFor(question, late, 'Asia/Tokyo'), { from: '2026-11-21', group_by: 'model' })
  })

  it('leave the start of this month to the daemon', () => {
    assert.deepEqual(queryFor({ label: '', description: '', since: null, by: 'task' }, now, 'UTC'), {
      group_by: 'task',
    })
  })
})

describe('a typed question', () => {
  const asked = (text: string) => {
    const typed = questionIn(text)
    return typed && queryFor(typed, now, 'UTC')
  }
  it('asks as it says', () => {
    assert.deepEqual(asked(' model:gpt-5 since:7d  by:folder '), { model: 'gpt-5', from: '7d', group_by: 'folder' })
    assert.deepEqual(asked('client:claude-code'), { client: 'claude-code', group_by: 'model' })
    assert.deepEqual(asked('since:today by:hour'), { from: '2026-11-20', group_by: 'hour' })
    assert.deepEqual(asked('since:2026-03-01 provider:openai task:a:b'), {
      from: '2026-03-01',
      provider: 'openai',
      task: 'a:b',
      group_by: 'model',
    })
    assert.equal(questionIn(' by:day ')?.label, 'by:day')
  })
  it('is none where a word of it is none', () => {
    for (const text of ['', 'opus', 'model:', 'by:colour', 'since:yesterday', 'since:7y', 'until:7d', 'model:a b']) {
      assert.equal(questionIn(text), undefined, text)
    }
  })
})

describe('an answer', () => {
  const sums = totals({
    requests: 3,
    tokens: 1500,
    tokens_input: 1400,
    tokens_output: 100,
    cost_usd: 0.5,
    billed_usd: 0.5,
  })
  const reply = {
    period: { from: '', to: '', time_zone: 'UTC' },
    simulated: true,
    total: sums,
    groups: [
      { key: ['$(flame)'], totals: sums },
      { key: [''], totals: sums },
    ],
    series: [],
    missing_months: [],
  }

  it('has its sum in the title, and says when it is simulated', () => {
    assert.equal(titleOf(question, reply), 'Today by model (sandbox) · 3 calls · 1.5k tokens · $0.50')
  })

  it('has a row a group, whose name is only text', () => {
    assert.deepEqual(answerRows(reply), [
      { kind: 'row', label: '\\$(flame)', description: '$0.50 · 1.5k tokens', detail: '3 calls · 1.4k in, 100 out' },
      { kind: 'row', label: '(none)', description: '$0.50 · 1.5k tokens', detail: '3 calls · 1.4k in, 100 out' },
    ])
  })

  it('is copied as one line', () => {
    const [row] = answerRows({ ...reply, groups: [{ key: ['gpt-6'], totals: sums }] })
    assert.ok(row)
    assert.equal(copyText(question, row), 'Today by model: gpt-6 · $0.50 · 1.5k tokens · 3 calls · 1.4k in, 100 out')
  })
})
