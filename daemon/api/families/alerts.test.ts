/** `/api/v1/alerts`: newest first, a page at a time, with how each webhook stands. */
import assert from 'node:assert/strict'
import type { AlertRow } from '../../../shared/contract/alert.ts'
import type { ReplyOf } from '../../../shared/contract/endpoint.ts'
import type { EndpointName, Endpoints } from '../../../shared/contract/endpoints/index.ts'
import { localToken, startApi } from '../../test/start-api.ts'
import { aboutBudget } from '../../webhooks/test-hooks.ts'

type Page = ReplyOf<Endpoints['alerts' & EndpointName]>

describe('/api/v1/alerts', () => {
  let api: Awaited<ReturnType<typeof startApi>>
  beforeEach(async () => {
    api = await startApi({ webhookOrigin: (hook) => (hook === 'one' ? 'https://hooks.example.com' : undefined) })
  })
  afterEach(() => api.close())
  const page = async (query = '') => (await api.as(localToken, `/api/v1/alerts${query}`)).json as Page
  const raise = (id: string, hooks: string[] = []) =>
    api.record({ type: 'alert.raised', id, about: aboutBudget(), hooks })

  it('is empty where there is none', async () => {
    assert.deepEqual(await page(), { alerts: [], next_cursor: null })
  })

  it('shows an alert, and of a webhook its origin alone', async () => {
    raise('budget:day:1:10:80', ['one', 'two', 'three', 'four'])
    const of = { alert: 'budget:day:1:10:80' }
    const next = Date.parse('2026-03-10T12:00:10Z')
    api.record({ type: 'webhook.tried', ...of, hook: 'one', status: 500, error: 'it answered 500', next })
    api.record({ type: 'webhook.delivered', ...of, hook: 'two', status: 204 })
    api.record({ type: 'webhook.given-up', ...of, hook: 'three', why: 'gone' })
    const nothing = { to: null, why: null, tries: 0, status: null, error: null, next_at: null }
    const { alerts } = await page()
    assert.deepEqual(alerts, [
      {
        ...{ type: 'budget', id: 'budget:day:1:10:80', at: '2026-03-10T12:00:00.000Z', budget: 'day' },
        ...{ text: 'Daily budget: 81% of $10.00 used.', limit: 10, unit: 'usd', used_pct: 81.23, threshold: 80 },
        ...{ since: '2026-03-10T00:00:00.000Z', until: '2026-03-11T00:00:00.000Z', over_at: null },
        deliveries: [
          {
            ...{ to: 'https://hooks.example.com', state: 'waiting', why: null, tries: 1, status: 500 },
            ...{ error: 'it answered 500', next_at: '2026-03-10T12:00:10.000Z' },
          },
          { ...nothing, state: 'delivered', status: 204 },
          { ...nothing, state: 'given-up', why: 'gone' },
          { ...nothing, state: 'waiting', next_at: '2026-03-10T12:00:00.000Z' },
        ],
      },
    ] satisfies AlertRow[])
  })

  it('goes newest first, a page at a time, also while new ones come', async () => {
    for (const id of ['a', 'b', 'c', 'd', 'e']) raise(id)
    const first = await page('?limit=2')
    assert.deepEqual([first.alerts.map(({ id }) => id), first.next_cursor], [['e', 'd'], 'd'])
    raise('f')
    const second = await page(`?limit=2&cursor=${first.next_cursor}`)
    assert.deepEqual([second.alerts.map(({ id }) => id), second.next_cursor], [['c', 'b'], 'b'])
    const third = await page(`?limit=2&cursor=${second.next_cursor}`)
    assert.deepEqual([third.alerts.map(({ id }) => id), third.next_cursor], [['a'], null])
  })

  for (const [query, parameter] of [
    ['?limit=0', 'limit'],
    ['?limit=501', 'limit'],
    ['?limit=two', 'limit'],
    ['?limit=', 'limit'],
    ['?cursor=of-no-page', 'cursor'],
  ] as const) {
    it(`refuses ${query} by name`, async () => {
      const told = await api.as(localToken, `/api/v1/alerts${query}`)
      const { detail, context } = told.json as { detail: string; context: { parameter: string } }
      assert.deepEqual([told.status, context.parameter], [400, parameter])
      assert.match(detail, new RegExp(`^'${parameter}' `))
    })
  }

  it('is for who may read', async () => {
    const { key } = (await api.as(localToken, '/api/v1/keys', { body: { name: 'p', scope: 'proxy' } })).json as {
      key: string
    }
    assert.equal((await api.ask('/api/v1/alerts')).status, 401)
    assert.equal((await api.as(key, '/api/v1/alerts')).status, 403)
  })
})
