/** `/api/usage`: this month beside its tier, the usage before it by pages, and whether a call may go. */
import assert from 'node:assert/strict'
import type { Config } from '../../../shared/contract/config.ts'
import type { Allowance, AllowanceHistory } from '../../../shared/contract/endpoints/allowance.ts'
import type { ApiError } from '../../../shared/contract/error.ts'
import { ended } from '../../test/sample-events.ts'
import { localToken, startApi } from '../../test/start-api.ts'

describe('the allowance of a month', () => {
  let api: Awaited<ReturnType<typeof startApi>>
  beforeEach(async () => {
    api = await startApi()
  })
  afterEach(() => api.close())

  const setTier = async (tier: Pick<Config, 'account' | 'tiers'>) => {
    assert.equal(await api.config.live.edit(undefined, () => ({ value: tier })), undefined)
  }
  const usage = async () => (await api.as(localToken, '/api/usage')).json as Allowance

  it('is not found while nothing was ever recorded', async () => {
    const told = await api.as(localToken, '/api/usage')
    const { error, detail } = told.json as ApiError
    assert.deepEqual([told.status, error], [404, 'No usage data'])
    assert.match(detail, /^No call has been recorded yet/)
  })

  it('holds this month against the limits of the tier', async () => {
    api.record(ended({ startedAt: Date.parse('2026-02-28T23:00:00Z') }))
    assert.deepEqual(await usage(), {
      current_period: '2026-03-01',
      input_tokens_used: 120,
      output_tokens_used: 30,
      input_tokens_limit: null,
      output_tokens_limit: null,
      remaining_input: null,
      remaining_output: null,
      tier: 'starter',
    })
    await setTier({ account: { tier: 'pro' }, tiers: { pro: { inputTokensLimit: 1000, outputTokensLimit: 20 } } })
    assert.deepEqual(await usage(), {
      current_period: '2026-03-01',
      input_tokens_used: 120,
      output_tokens_used: 30,
      input_tokens_limit: 1000,
      output_tokens_limit: 20,
      remaining_input: 880,
      remaining_output: 0,
      tier: 'pro',
    })
    // the new month begins with nothing used
    api.clock.now = Date.parse('2026-04-01T00:00:00Z')
    const { current_period, input_tokens_used, remaining_output } = await usage()
    assert.deepEqual([current_period, input_tokens_used, remaining_output], ['2026-04-01', 0, 20])
  })

  it('limits nothing where the tier that is named has no entry', async () => {
    api.record(ended())
    await setTier({ account: { tier: 'enterprise' }, tiers: { pro: { inputTokensLimit: 1 } } })
    const { tier, input_tokens_limit, remaining_input } = await usage()
    assert.deepEqual([tier, input_tokens_limit, remaining_input], ['enterprise', null, null])
  })

  it('may be kept for five seconds, by a mark that changes with it', async () => {
    api.record(ended())
    const first = await api.as(localToken, '/api/usage')
    assert.equal(first.headers['cache-control'], 'private, max-age=5')
    assert.match(String(first.headers.etag), /^"[\w-]{22}"$/)
    const held = { headers: { 'if-none-match': String(first.headers.etag) } }
    const same = await api.as(localToken, '/api/usage', held)
    assert.deepEqual([same.status, same.text, same.headers.etag], [304, '', first.headers.etag])
    api.record(ended({ call: 'req_01ARZ3NDEKTSV4RRFFQ69G5FAW', attempt: 'other.1' }))
    const changed = await api.as(localToken, '/api/usage', held)
    assert.equal(changed.status, 200)
    assert.notEqual(changed.headers.etag, first.headers.etag)
  })

  it('tells the steps before, and names a parameter that it cannot obey', async () => {
    api.record(ended())
    const told = await api.as(localToken, '/api/usage/history?granularity=month&from=2026-01-01')
    const { rows, next_cursor } = told.json as AllowanceHistory
    assert.deepEqual([rows.map((row) => row.input_tokens), next_cursor], [[0, 0, 120], null])
    for (const [query, parameter] of [
      ['granularity=week', 'granularity'],
      ['from=never', 'from'],
      ['to=never', 'to'],
      ['cursor=7', 'cursor'],
    ] as const) {
      const bad = await api.as(localToken, `/api/usage/history?${query}`)
      const { detail, context } = bad.json as ApiError
      assert.deepEqual([bad.status, context?.parameter], [400, parameter])
      assert.match(detail, new RegExp(`'${parameter}'`))
    }
  })
})
