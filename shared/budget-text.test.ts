/** A budget's figures in its own unit. */
import assert from 'node:assert/strict'
import { spentShort, spentSpoken, spentText, stopName } from './budget-text.ts'

describe('the figures of a budget', () => {
  const texts = (spent: number, limit: number, isUsd: boolean) => {
    const [limit_usd, limit_tokens] = isUsd ? [limit, null] : [null, limit]
    const figures = { limit_usd, limit_tokens, spent_usd: isUsd ? spent : 0, spent_tokens: isUsd ? 0 : spent }
    return [spentShort(figures), spentText(figures), spentSpoken(figures)]
  }

  it('are money where its limit is', () => {
    assert.deepEqual(texts(10.4, 10, true), ['$10.40/$10', '$10.40 of $10', '10.40 of 10 dollars'])
    assert.deepEqual(texts(1234.5, 1200.25, true)[0], '$1,234.50/$1,200.25')
    assert.deepEqual(texts(0.012, 0.01, true)[0], '$0.012/$0.01')
  })

  it('are tokens where its limit is', () => {
    assert.deepEqual(texts(52_000, 50_000, false), ['52k/50k tok', '52k of 50k tokens', '52k of 50k tokens'])
  })

  it('come with its name, also for a stop', () => {
    assert.equal(stopName('Daily budget'), 'Daily budget stop')
    assert.equal(stopName('Monthly budget for openai'), 'Monthly budget stop for openai')
  })
})
