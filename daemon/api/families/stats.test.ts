import assert from 'node:assert/strict'
import { cooldownEvent } from '../../test/plain-events.ts'
import { ended } from '../../test/sample-events.ts'
import { localToken, startApi } from '../../test/start-api.ts'

describe('the stats family', () => {
  it('counts calls by provider and says so where there are none', async () => {
    const api = await startApi()
    api.record(ended())
    const one = await api.as(localToken, '/v1/stats/providers/openai')
    const row = one.json as Record<string, unknown>
    assert.deepEqual(
      [row.totalRequests, row.totalTokens, row.totalPromptTokens, row.totalCompletionTokens, row.totalCostUsd],
      [1, 150, 120, 30, 0.0015],
    )
    assert.deepEqual((await api.as(localToken, '/v1/stats/providers')).json, { providers: [row] })
    const none = await api.as(localToken, '/v1/stats/providers/mistral')
    assert.equal(none.status, 404)
    assert.equal((none.json as { error: string }).error, 'No usage data for provider')
    await api.close()
  })

  it('counts calls by chain and says so where there are none', async () => {
    const api = await startApi()
    api.record(ended({ call: 'req_1', chain: 'my chain' }))
    api.record(ended({ call: 'req_2' }))
    const one = await api.as(localToken, '/v1/stats/chains/my%20chain')
    assert.deepEqual(one.json, {
      chainName: 'my chain',
      totalRequests: 1,
      totalTokens: 150,
      totalPromptTokens: 120,
      totalCompletionTokens: 30,
      totalCostUsd: 0.0015,
      unpricedRequests: 0,
      lastRequestTimestamp: api.clock.now,
      simulated: false,
    })
    assert.deepEqual((await api.as(localToken, '/v1/stats/chains')).json, { chains: [one.json] })
    const none = await api.as(localToken, '/v1/stats/chains/other')
    assert.equal(none.status, 404)
    assert.equal((none.json as { error: string }).error, 'No usage data for chain')
    await api.close()
  })

  it('sums up all calls, and counts those that failed over once', async () => {
    const api = await startApi()
    const empty = (await api.as(localToken, '/v1/stats/summary')).json as Record<string, unknown>
    assert.deepEqual([empty.totalRequests, empty.averageLatencyMs, empty.lastRequestTimestamp], [0, 0, null])
    api.record(ended({ call: 'req_1', attempt: 'req_1.1', last: false, outcome: 'refused', status: 429 }))
    api.record(ended({ call: 'req_1', attempt: 'req_1.2', attempts: 2, strategy: 'failover', provider: 'groq' }))
    api.clock.now += 5
    const unpriced = { cost: null, billed: null, price: null, latencyMs: 500 }
    api.record(ended({ call: 'req_2', outcome: 'failed', ...unpriced }))
    api.record(ended({ call: 'req_3', billing: 'simulated' }))
    assert.deepEqual((await api.as(localToken, '/v1/stats/summary')).json, {
      totalRequests: 2,
      totalAttempts: 3,
      failedRequests: 1,
      failedOverRequests: 1,
      totalTokens: 300,
      totalPromptTokens: 240,
      totalCompletionTokens: 60,
      totalCostUsd: 0.0015,
      totalBilledUsd: 0.0015,
      unpricedRequests: 1,
      averageLatencyMs: 750,
      lastRequestTimestamp: api.clock.now,
      simulated: false,
    })
    await api.close()
  })

  it('lists as many calls as asked, fifty where that is no number, five hundred at most', async () => {
    const api = await startApi()
    for (let i = 0; i < 510; i++) api.record(ended({ call: `req_${i}` }))
    for (const [limit, shown] of [
      ['3', 3],
      ['0', 50],
      ['-1', 50],
      ['many', 50],
      ['9999', 500],
    ] as const) {
      const told = await api.as(localToken, `/v1/stats/requests?limit=${limit}`)
      const { requests } = told.json as { requests: { id: string }[] }
      assert.equal(requests.length, shown, limit)
      assert.equal(requests[0]?.id, 'req_509')
    }
    await api.close()
  })

  it('lifts the cooldowns of a model, and with * all of a provider', async () => {
    const api = await startApi()
    const until = api.clock.now + 60_000
    const openrouter = { provider: 'openrouter', until }
    const model = 'anthropic/claude-sonnet-4.5'
    for (const one of [{}, { model }, { model, account: 'acct-2' }, { model: 'other' }])
      api.record(cooldownEvent({ ...openrouter, ...one }))
    api.record(cooldownEvent({ provider: 'groq', until }))
    const lift = (path: string) => api.as(localToken, `/v1/ratelimits/${path}`, { method: 'DELETE' })
    const names = ({ json }: { json: unknown }) =>
      (json as { lifted: Record<string, unknown>[] }).lifted.map((row) => [row.account, row.model, row.cooldownUntil])

    const one = await lift(`openrouter/${encodeURIComponent(model)}`)
    assert.equal(one.status, 200)
    assert.deepEqual(names(one), [
      ['acct-1', model, until],
      ['acct-2', model, until],
    ])
    const again = await lift(`openrouter/${encodeURIComponent(model)}`)
    assert.equal(again.status, 404)
    assert.match(
      (again.json as { detail: string }).detail,
      /one is for all its models: DELETE .*\/openrouter\/\* lifts/,
    )
    assert.deepEqual(names(await lift('openrouter/*')), [
      ['acct-1', '*', until],
      ['acct-1', 'other', until],
    ])
    assert.equal((await lift('openrouter/*')).status, 404)
    const { ratelimits } = (await api.as(localToken, '/v1/ratelimits')).json as { ratelimits: { provider: string }[] }
    assert.deepEqual(
      ratelimits.map(({ provider }) => provider),
      ['groq'],
    )
    const { key } = await api.keys.create({ name: 'reads', scope: 'read' })
    assert.equal((await api.as(key, '/v1/ratelimits/groq/*', { method: 'DELETE' })).status, 403)
    await api.close()
  })
})
