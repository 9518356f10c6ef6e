/** Budgets through the whole daemon: what the file, the API and the history say of them is one, whatever happens between. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BudgetRow } from '../../shared/contract/budget.ts'
import type { Config } from '../../shared/contract/config.ts'
import { exchange } from './exchange.ts'
import { eventually, type Story, start } from './start.ts'
import { startUpstream, type Upstream } from './upstream.ts'

// 3 USD and 6 tokens
const answer = '{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":3}}'
const prices = { m: { inputUsdPerMillion: 1_000_000, outputUsdPerMillion: 0 } }

describe('budgets of the whole daemon', () => {
  let upstream: Upstream
  let story: Story
  let now = 0
  const base = (): Config => ({
    timeZone: 'Europe/Berlin',
    prices,
    providers: { up: { extends: 'openai', baseUrl: `${upstream.url}/v1` } },
  })
  const file = () => join(story.home, 'config.jsonc')
  const write = (budgets: Config['budgets']) =>
    writeFileSync(file(), JSON.stringify({ ...base(), ...(budgets && { budgets }) }, null, 2))
  const call = async () => {
    upstream.script({ body: answer })
    const body = JSON.stringify({ model: 'm', messages: [] })
    assert.equal((await exchange(`${story.url}/p/up/v1/chat/completions`, { body })).status, 200)
  }
  const rows = async () => (await story.ask('budgets')).budgets
  const row = async (id: string) => (await rows()).find((one) => one.id === id)
  const spent = async () => (await rows()).map(({ id, spent_usd, requests }) => [id, spent_usd, requests])
  const become = (what: string, test: (all: BudgetRow[]) => boolean) => eventually(what, async () => test(await rows()))
  const warnings = async () => (await story.ask('warnings')).warnings.filter(({ code }) => code === 'config-invalid')

  before(async () => {
    upstream = await startUpstream()
  })
  beforeEach(async () => {
    now = Date.parse('2026-11-27T14:00:00Z')
    story = await start({ config: base(), now: () => now })
  })
  afterEach(() => story.end())
  after(() => upstream.close())

  it('see what was spent before the file named them, are followed over a restart, and are gone with the file’s word', async () => {
    await call()
    await call()
    assert.deepEqual(await rows(), [])
    write([
      { id: 'month', period: 'month', limitUsd: 10, scope: { provider: 'up' } },
      { id: 'span', period: '24h', limitTokens: 100 },
    ])
    await become('both hold', (all) => all.length === 2)
    assert.deepEqual(await spent(), [
      ['month', 6, 2],
      ['span', 6, 2],
    ])
    await call()
    await story.daemon.book.compact()
    await call()
    await story.restart()
    assert.deepEqual(await spent(), [
      ['month', 12, 4],
      ['span', 12, 4],
    ])
    assert.deepEqual([(await row('month'))?.state, (await row('span'))?.spent_tokens], ['exceeded', 24])
    write([{ id: 'span', period: '24h', limitTokens: 10 }])
    await become('one is gone, the other smaller', (all) => all.length === 1 && all[0]?.limit_tokens === 10)
    assert.equal((await row('span'))?.state, 'exceeded')
  })

  it('begin anew with the month of the time zone, and survive a clock that jumps', async () => {
    write([
      { id: 'month', period: 'month', limitUsd: 10 },
      { id: 'day', period: 'day', limitUsd: 10 },
    ])
    await become('both hold', (all) => all.length === 2)
    now = Date.parse('2026-11-30T22:59:59Z')
    await call()
    assert.deepEqual(await spent(), [
      ['month', 3, 1],
      ['day', 3, 1],
    ])
    now = Date.parse('2026-11-30T23:00:00Z')
    assert.deepEqual(await spent(), [
      ['month', 0, 0],
      ['day', 0, 0],
    ])
    assert.equal((await row('month'))?.ends_at, '2026-12-31T23:00:00.000Z')
    // far ahead, and back again
    now = Date.parse('2031-01-01T12:00:00Z')
    await call()
    now = Date.parse('2026-11-30T22:00:00Z')
    await story.restart()
    await call()
    assert.deepEqual(await spent(), [
      ['month', 6, 2],
      ['day', 6, 2],
    ])
  })

  it('are kept as they were while the file is a bad one, also over a start; the warning says where', async () => {
    write([{ id: 'month', period: 'month', limitUsd: 10 }])
    await become('it holds', (all) => all.length === 1)
    await call()
    const good = readFileSync(file(), 'utf8')
    writeFileSync(file(), good.replace('"month",\n      "limitUsd"', '"mouth",\n      "limitUsd"'))
    await eventually('it is told', async () => (await warnings()).length > 0)
    const line = good.slice(0, good.indexOf('"period"')).split('\n').length
    const isNamed = async () =>
      assert.match(
        (await warnings())[0]?.text ?? '',
        new RegExp(`config.jsonc, line ${line}, column 7: budgets.0.period is not valid: a period is day, week, month`),
      )
    await isNamed()
    assert.deepEqual(await spent(), [['month', 3, 1]])
    await story.restart()
    await isNamed()
    assert.deepEqual(await spent(), [['month', 3, 1]])
    writeFileSync(file(), good.replace('"limitUsd": 10', '"limitUsd": 20'))
    await become('it is mended', (all) => all[0]?.limit_usd === 20)
    assert.deepEqual(await warnings(), [])
  })

  it('changed over the API are changed in the file, in the history, and nowhere else', async () => {
    const told: string[] = []
    story.daemon.book.watch(({ e }) => void (e.type.startsWith('budget.') && told.push(e.type)))
    const put = (limit_usd: number) =>
      story.ask('putBudget', { params: { id: 'one' }, body: { period: 'week', limit_usd } })
    await put(5)
    assert.equal((await put(7)).limit_usd, 7)
    assert.match(readFileSync(file(), 'utf8'), /"id":"one","period":"week","limitUsd":7/)
    // the same again is no event
    await put(7)
    await story.daemon.book.written()
    await eventually('both are told', () => told.length >= 2)
    assert.deepEqual(told, ['budget.set', 'budget.set'])
    await story.restart()
    assert.deepEqual(
      (await rows()).map(({ id, limit_usd }) => [id, limit_usd]),
      [['one', 7]],
    )
    await story.ask('removeBudget', { params: { id: 'one' } })
    await story.restart()
    assert.deepEqual(await rows(), [])
  })
})
