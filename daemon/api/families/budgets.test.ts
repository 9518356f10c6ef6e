/** Budgets over the API: edits keep comments, hold at once, name what is wrong, and never half-change the file. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BudgetRow } from '../../../shared/contract/budget.ts'
import { endedEvent } from '../../test/plain-events.ts'
import { eventually } from '../../test/start.ts'
import { localToken, startApi, type Told } from '../../test/start-api.ts'

const written = `{
  "budgets": [
    // what the boss pays
    { "id": "work", "scope": { "provider": "openai" }, "period": "month", "limitUsd": 120, "action": "block" }, // hard
    {
      "id": "day", // mine
      "period": "day",
      "limitUsd": 10
    }
  ]
}
`

describe('budgets over the API', () => {
  let api: Awaited<ReturnType<typeof startApi>>
  const file = () => join(api.home, 'config.jsonc')
  const text = () => readFileSync(file(), 'utf8')
  const as = (method: string, to: string, body?: unknown, headers?: Record<string, string>): Promise<Told> =>
    api.as(localToken, `/api/v1/budgets${to}`, {
      method,
      ...(body !== undefined && { body }),
      ...(headers && { headers }),
    })
  const detail = (told: Told) => (told.json as { detail: string }).detail
  const row = (told: Told) => told.json as BudgetRow
  const all = async () => ((await as('GET', '')).json as { budgets: BudgetRow[] }).budgets
  const save = async (content: string) => {
    const before = api.config.live.version()
    writeFileSync(file(), content)
    await eventually('the file is read', () => api.config.live.version() !== before)
  }
  beforeEach(async () => {
    api = await startApi()
    await save(written)
  })
  afterEach(() => api.close())

  it('are shown as they stand, to readers; changed by admins alone', async () => {
    api.record(endedEvent('a', { provider: 'openai', billed: 3e9, usage: { input: 1000, output: 5 } }))
    const told = await as('GET', '')
    assert.ok(told.headers.etag?.startsWith(`"${api.config.live.version()}.`))
    assert.deepEqual(
      (await all()).map(({ id, label, spent_usd, spent_tokens, used_pct, requests }) => [
        id,
        label,
        spent_usd,
        spent_tokens,
        used_pct,
        requests,
      ]),
      [
        ['work', 'Monthly budget for openai', 3, 1005, 2.5, 1],
        ['day', 'Daily budget', 3, 1005, 30, 1],
      ],
    )
    assert.equal(row(await as('GET', '/day')).remaining_usd, 7)
    for (const id of ['never', 'toString']) assert.equal((await as('GET', `/${id}`)).status, 404)
    const { key } = await api.keys.create({ name: 'r', scope: 'read' })
    assert.equal((await api.as(key, '/api/v1/budgets')).status, 200)
    for (const asking of [{ method: 'PUT', body: { period: 'day', limit_usd: 1 } }, { method: 'DELETE' }])
      assert.equal((await api.as(key, '/api/v1/budgets/day', asking)).status, 403)
  })

  it('are none where none is written', async () => {
    await save('{}')
    assert.deepEqual(await all(), [])
  })

  it('are changed where they stand, comments left, and hold at once with what was spent before', async () => {
    api.record(endedEvent('a', { billed: 6e9, cost: 8e9 }))
    const told = await as('PUT', '/day', { period: 'day', limit_usd: 5 })
    assert.equal(told.status, 200, told.text)
    assert.deepEqual([row(told).limit_usd, row(told).spent_usd, row(told).state], [5, 6, 'exceeded'])
    assert.ok(told.headers.etag?.startsWith(`"${api.config.live.version()}.`))
    assert.equal(text(), written.replace('"limitUsd": 10', '"limitUsd": 5'))
  })

  it('are written with every field, behind those there are', async () => {
    const body = {
      scope: { provider: 'anthropic', model: 'claude-*' },
      period: '7d',
      limit_usd: 50,
      basis: 'list',
      warn_at: [0.5, 0.9],
      action: 'block',
      downgrade: { at: 0.75, to: 'openai/gpt-5-mini' },
      strict: true,
    }
    const told = row(await as('PUT', '/new', body))
    const { scope, period, limit_usd, basis, warn_at, action, downgrade, strict } = told
    assert.deepEqual({ scope, period, limit_usd, basis, warn_at, action, downgrade, strict }, body)
    assert.match(text(), /\/\/ what the boss pays[^]*\/\/ hard[^]*\/\/ mine[^]*"id": "new"/)
    assert.deepEqual(
      (await all()).map(({ id }) => id),
      ['work', 'day', 'new'],
    )
    const tokens = row(await as('PUT', '/tokens', { period: 'week', limit_tokens: 1000 }))
    assert.deepEqual([tokens.limit_tokens, tokens.limit_usd, tokens.warn_at], [1000, null, [0.8]])
  })

  it('begin the list in a config without one', async () => {
    await save('{\n  // nothing yet\n}\n')
    assert.equal((await as('PUT', '/one', { period: 'day', limit_usd: 1 })).status, 200)
    assert.match(text(), /\/\/ nothing yet\n {2}"budgets": \[/)
    assert.deepEqual(
      (await all()).map(({ id }) => id),
      ['one'],
    )
  })

  it('take nothing that could not be used, name it, and leave the file alone then', async () => {
    const period = 'day'
    for (const [to, body, words] of [
      ['/b', { limit_usd: 1 }, /period/],
      ['/b', { period: 'year', limit_usd: 1 }, /"period" is not valid: a period is day, week, month, or a span/],
      ['/b', { period: '32d', limit_usd: 1 }, /"period" is not valid/],
      ['/b', { period }, /"limit_usd" or "limit_tokens" is needed: one of them/],
      ['/b', { period, limit_usd: 1, limit_tokens: 1 }, /"limit_usd" or "limit_tokens" is needed/],
      ['/b', { period, limit_usd: 0 }, /"limit_usd" must be at least 0\.000001/],
      ['/b', { period, limit_usd: 0.0000009 }, /"limit_usd" must be at least 0\.000001/],
      ['/b', { period, limit_tokens: 1.5 }, /"limit_tokens" must be a whole number/],
      ['/b', { period, limit_tokens: 1, basis: 'list' }, /"basis" is for budgets in USD only/],
      ['/b', { period, limit_usd: 1, warn_at: [1.5] }, /"warn_at.0" must be at most 1/],
      ['/b', { period, limit_usd: 1, action: 'stop' }, /action/],
      [
        '/b',
        { period, limit_usd: 1, action: 'block', scope: { client: 'x' } },
        /"action" cannot hold, as a caller may say any "client"/,
      ],
      ['/b', { period, limit_usd: 1, scope: { user: 'x', provider: 'y' } }, /"scope.user" is counted for itself/],
      ['/b', { period, limit_usd: 1, scope: { planet: 'x' } }, /planet/],
      ['/b', { period, limit_usd: 1, strict: true }, /"strict" is for budgets that block/],
      [
        '/b',
        { period, limit_usd: 1, downgrade: { at: 0.5, to: 'cheap' } },
        /"downgrade.to" is not valid: it is chain:NAME or provider\/model/,
      ],
      ['/b', { period, limit_usd: 1, downgrade: { at: 0.5, to: 'chain:nope' } }, /leads to a chain that is not there/],
      ['/b', { period, limit_usd: 1, scope: { provider: '${HOME}' } }, /"scope.provider" holds a variable/],
      ['/a%20b', { period, limit_usd: 1 }, /"id" is not valid: a budget is named by letters/],
      ['/b', { period, limit_usd: 1, more: 1 }, /more/],
    ] as const) {
      const told = await as('PUT', to, body)
      assert.equal(told.status, 400, `${JSON.stringify(body)} ${told.text}`)
      assert.match(detail(told), words)
    }
    assert.equal(text(), written)
    assert.deepEqual([...api.ledger.budgets.keys()], ['work', 'day'])
  })

  it('are taken out with their comments, and hold no more', async () => {
    assert.deepEqual((await as('DELETE', '/work')).json, { id: 'work', removed: true })
    assert.equal(text(), written.replace(/.*\/\/ hard\n/, ''))
    assert.deepEqual(
      (await all()).map(({ id }) => id),
      ['day'],
    )
    assert.equal((await as('DELETE', '/work')).status, 404)
    assert.equal((await as('GET', '/work')).status, 404)
    assert.equal((await as('DELETE', '/day')).status, 200)
    assert.deepEqual(await all(), [])
  })

  it('follow the file, keep what held while it is broken, and collide with a change in between', async () => {
    await save(written.replace('"limitUsd": 10', '"limitUsd": 20'))
    assert.equal(row(await as('GET', '/day')).limit_usd, 20)
    const { etag } = (await as('GET', '')).headers
    await save(written.replace('"limitUsd": 10', '"limitUsd": -1'))
    assert.equal(row(await as('GET', '/day')).limit_usd, 20)
    const no = await as('PUT', '/day', { period: 'day', limit_usd: 1 })
    assert.deepEqual(
      [no.status, /mended first.*line 8, column 7.*limitUsd must be at least 0\.000001/.test(detail(no))],
      [409, true],
      no.text,
    )
    await save(written)
    const late = await as('PUT', '/day', { period: 'day', limit_usd: 1 }, { 'if-match': String(etag) })
    assert.deepEqual([late.status, text()], [409, written])
  })

  it('bear a mark that changes as they are spent, by which they can be changed all the same', async () => {
    const marked = async (path: string) => String((await as('GET', path)).headers.etag)
    const again = (path: string, etag: string) =>
      api.as(localToken, `/api/v1/budgets${path}`, { headers: { 'if-none-match': etag } })
    const [list, one] = [await marked(''), await marked('/day')]
    assert.deepEqual([(await again('', list)).status, (await again('/day', one)).status], [304, 304])
    api.record(endedEvent('a', { provider: 'openai', billed: 3e9 }))
    assert.deepEqual([(await again('', list)).status, (await again('/day', one)).status], [200, 200])
    assert.equal((await as('PUT', '/day', { period: 'day', limit_usd: 1 }, { 'if-match': one })).status, 200)
  })

  it('are in the summary', async () => {
    const { json } = await api.as(localToken, '/api/v1/summary')
    assert.deepEqual(
      (json as { budgets: BudgetRow[] }).budgets.map(({ id }) => id),
      ['work', 'day'],
    )
  })
})
