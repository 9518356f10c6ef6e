import assert from 'node:assert/strict'
import { ended } from '../../test/sample-events.ts'
import { localToken, startApi } from '../../test/start-api.ts'

describe('the canonical family', () => {
  let api: Awaited<ReturnType<typeof startApi>>
  beforeEach(async () => {
    api = await startApi()
  })
  afterEach(() => api.close())

  it('shows a key once, at its making', async () => {
    const body = { name: 'ci', scope: 'read', providers: ['openai'], expires: '2027-01-01T00:00:00+01:00' }
    const made = await api.as(localToken, '/api/v1/keys', { body })
    const { key, ...row } = made.json as { key: string; id: string; expires_at: string }
    assert.match(key, /^tk_[\w-]{43}$/)
    assert.equal(row.expires_at, '2026-12-31T23:00:00.000Z')
    const list = await api.as(localToken, '/api/v1/keys')
    assert.deepEqual(list.json, { keys: [row] })
    const gone = await api.as(localToken, `/api/v1/keys/${row.id}`, { method: 'DELETE' })
    assert.deepEqual(gone.json, row)
    assert.equal(
      [list, gone].some((told) => told.text.includes(key)),
      false,
    )
    assert.equal((await api.as(localToken, `/api/v1/keys/${row.id}`, { method: 'DELETE' })).status, 404)
  })

  it('names a key by no secret, and does not say it again', async () => {
    const secret = 'sk-ant-api03-0123456789'
    for (const body of [{ name: secret }, { name: 'ci', providers: [secret] }, { name: 'ci', chains: [secret] }]) {
      const told = await api.as(localToken, '/api/v1/keys', { body: { scope: 'proxy', ...body } })
      assert.equal(told.status, 400)
      assert.ok(!told.text.includes(secret))
    }
    assert.deepEqual((await api.as(localToken, '/api/v1/keys')).json, { keys: [] })
  })

  it('gives the receipt of a call with every attempt, and 404 for what is none', async () => {
    const call = 'req_01ARZ3NDEKTSV4RRFFQ69G5FAV'
    api.record(ended({ call, last: false, status: 429, outcome: 'refused', error: 'slow down' }))
    api.record(ended({ call, attempt: `${call}.2`, attempts: 2 }))
    const told = (await api.as(localToken, `/api/v1/requests/${call}`)).json as {
      request: { attempts: number }
      attempts: { error: string | null }[]
    }
    assert.equal(told.request.attempts, 2)
    assert.deepEqual(
      told.attempts.map((attempt) => attempt.error),
      ['slow down', null],
    )
    for (const id of ['req_01ARZ3NDEKTSV4RRFFQ69G5FAW', 'req_', '..%2f..%2fsecrets']) {
      assert.equal((await api.as(localToken, `/api/v1/requests/${id}`)).status, 404, id)
    }
  })

  it('groups usage and shows it in steps', async () => {
    api.record(ended({ call: 'req_1' }))
    api.record(ended({ call: 'req_2', model: 'gpt-5-mini' }))
    const told = await api.as(localToken, '/api/v1/usage?from=24h&group_by=provider,model&bucket=hour')
    const usage = told.json as { total: { requests: number }; groups: { key: string[] }[]; series: unknown[] }
    assert.equal(usage.total.requests, 2)
    assert.deepEqual(
      usage.groups.map((group) => group.key),
      [
        ['openai', 'gpt-5'],
        ['openai', 'gpt-5-mini'],
      ],
    )
    assert.equal(usage.series.length, 25)
  })

  it('makes no more groups than can be told in one go', async () => {
    // an hour keeps 200 rows: a hundred and one hours of them are more
    for (let hour = 0; hour <= 100; hour++) {
      api.clock.now += 3_600_000
      for (let i = 0; i < 200; i++)
        api.record(ended({ call: `${hour} ${i}`, model: `m${i % 50}`, client: `c${i % 40}` }))
    }
    const asked = (names: string) => api.as(localToken, `/api/v1/usage?group_by=${names}`)
    const told = await asked('model,client,hour')
    const { detail, context } = told.json as { detail: string; context: { parameter: string } }
    assert.deepEqual([told.status, context.parameter], [400, 'group_by'])
    assert.match(detail, /more than 20000 groups: ask for fewer names or less time/)
    assert.equal(((await asked('model,hour')).json as { groups: unknown[] }).groups.length, 101 * 50)
  })

  it('stops with the grace that was asked, or thirty seconds', async () => {
    const first = await api.as(localToken, '/api/v1/daemon/stop', { body: { grace_seconds: 5 } })
    assert.deepEqual(first.json, { stopping: true, in_flight: 0, grace_seconds: 5 })
    await api.as(localToken, '/api/v1/daemon/stop', { body: {} })
    assert.deepEqual(api.stopped, [5, 30])
  })
})
