/** Our no where there is no dialect to say it in. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ApiError } from '../../shared/contract/error.ts'
import { overBudget } from './last-word.ts'
import { refuse } from './refuse.ts'

describe('a refusal in no dialect', () => {
  it('of a budget has the shape of the APIs', async () => {
    const now = Date.UTC(2026, 10, 13, 14, 30)
    const text = 'Monthly budget for openai exceeded (120.0 USD)'
    const [id, until] = ['month', Date.UTC(2026, 11, 1)]
    const stopped = { kind: 'blocked', budget: { id, text }, until, spentUsd: 120.5, limitUsd: 120 } as const
    const skipped = [
      { provider: 'openai', model: 'm', why: 'budget', until, refusal: null, budget: { id, text } } as const,
    ]
    const no = overBudget({ provider: 'openai', verdict: stopped }, { chain: null, skipped }, 'month', now)
    const server = createServer((_, response) => refuse(response, null, no, 'req_1', now))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const reply = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    const body = (await reply.json()) as ApiError
    server.close()
    server.closeAllConnections()
    assert.equal(reply.status, 429)
    assert.deepEqual(body, {
      error: 'Budget Exceeded',
      detail: `${text}. Try again in 17d 9h.`,
      status_code: 429,
      timestamp: '2026-11-13T14:30:00.000Z',
      request_id: 'req_1',
      context: {
        code: 'budget_exceeded',
        provider: 'openai',
        budget: 'month',
        current_spend_usd: 120.5,
        limit_usd: 120,
        monthly_limit_usd: 120,
      },
    })
  })
})
