/** Limits that only the words of a refusal named, and calls that go through before they were to reset: in a whole daemon. */
import assert from 'node:assert/strict'
import { exchange } from './exchange.ts'
import { eventually, type Story, start } from './start.ts'
import { type Play, startUpstream, type Upstream } from './upstream.ts'

const hour = 3_600_000
const login = { authorization: 'Bearer made-up-login-of-a-plan', 'chatgpt-account-id': 'acct-of-a-plan' }
const json: [string, string][] = [['content-type', 'application/json']]

describe('a limit that only a refusal named', () => {
  let upstream: Upstream
  let story: Story
  let now: number
  beforeEach(async () => {
    now = Date.UTC(2026, 10, 27, 12)
    upstream = await startUpstream()
    const providers = { codex: { baseUrl: `${upstream.url}/plan` }, gemini: { baseUrl: upstream.url } }
    story = await start({ config: { providers, timeZone: 'UTC' }, now: () => now })
  })
  afterEach(async () => {
    await story.end()
    await upstream.close()
  })

  /** A second later than what was before. */
  async function codex(play: Play): Promise<number> {
    now += 1000
    upstream.script(play)
    const body = JSON.stringify({ model: 'gpt-5.2-codex', input: 'hi', store: false })
    return (await exchange(`${story.url}/v1/responses`, { headers: login, body })).status
  }
  const refusal = (): Play => {
    const error = { type: 'usage_limit_reached', message: 'The usage limit has been reached', resets_in_seconds: 7200 }
    return { status: 429, headers: json, body: JSON.stringify({ error }) }
  }
  const answer = (headers: [string, string][] = []): Play => {
    const usage = { input_tokens: 10, output_tokens: 2, total_tokens: 12 }
    const reply = { id: 'resp_1', object: 'response', status: 'completed', model: 'gpt-5.2-codex', output: [], usage }
    return { headers: [...json, ...headers], body: JSON.stringify(reply) }
  }
  async function shown() {
    const { limits, headline } = await story.ask('summary')
    const windows = limits.flatMap((row) => row.windows.map(({ name, used_pct }) => [name, row.model, used_pct]))
    return { windows, state: headline.kind === 'none' ? null : headline.state }
  }
  const mayGo = async (provider: string, account: string, model: string) =>
    (await story.ask('allowed', { query: { provider, account, model } })).allowed
  const told = (count: number) =>
    eventually(`${count} alerts are told`, async () => {
      const { alerts } = await story.ask('alerts')
      return alerts.length >= count && alerts.map(({ text }) => text).reverse()
    })
  const usedUp = (at: string) => `ChatGPT plan: limit plan is used up; it resets ${at}.`
  const usable = 'ChatGPT plan: limit plan can be used again.'

  it('is none any more once a call goes through before its reset, told once, over restarts', async () => {
    const may = () => mayGo('codex', login['chatgpt-account-id'], 'gpt-5.2-codex')
    assert.equal(await codex(refusal()), 429)
    assert.deepEqual([await shown(), await may()], [{ windows: [['plan', null, 100]], state: 'limit' }, false])
    assert.deepEqual(await told(1), [usedUp('14:00')])

    now += hour
    assert.equal(await codex(answer()), 200)
    const free = [{ windows: [], state: 'ok' }, true]
    assert.deepEqual([await shown(), await may()], free)
    assert.deepEqual(await told(2), [usedUp('14:00'), usable])
    await story.restart()
    assert.deepEqual([await shown(), await may()], free)
    await story.ask('compact', { body: {} })
    await story.restart()
    assert.deepEqual([await shown(), await may()], free)

    // and the next time is told as the first one was
    assert.equal(await codex(answer()), 200)
    assert.equal(await codex(refusal()), 429)
    assert.equal((await shown()).state, 'limit')
    assert.deepEqual(await told(3), [usedUp('14:00'), usable, usedUp('15:00')])
    assert.equal(await codex(answer()), 200)
    assert.deepEqual(await told(4), [usedUp('14:00'), usable, usedUp('15:00'), usable])
  })

  it('is told anew after a reset that came by itself', async () => {
    await codex(refusal())
    await told(1)
    now += 3 * hour
    await codex(answer())
    assert.deepEqual(await told(2), [usedUp('14:00'), usable])
    await codex(refusal())
    assert.deepEqual(await told(3), [usedUp('14:00'), usable, usedUp('17:00')])
  })

  it('stays used up while the plan goes on as paid extra usage', async () => {
    await codex(refusal())
    const credits: [string, string][] = [
      ['x-codex-primary-used-percent', '100'],
      ['x-codex-primary-window-minutes', '300'],
      ['x-codex-primary-reset-at', String(now / 1000 + 7200)],
      ['x-codex-credits-has-credits', 'True'],
      ['x-codex-credits-balance', '12'],
    ]
    assert.equal(await codex(answer(credits)), 200)
    const { windows, state } = await shown()
    assert.deepEqual(
      [windows.map(([name, , used]) => [name, used]), state],
      [
        [
          ['plan', 100],
          ['5h', 100],
          ['credits', null],
        ],
        'overage',
      ],
    )
    assert.deepEqual(await told(2), [usedUp('14:00'), usedUp('14:00').replace('plan is', '5h is')])
  })

  it('of one model is proven by that model alone', async () => {
    const violation = { quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier', quotaValue: '20' }
    const details = [{ '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [violation] }]
    const error = { code: 429, message: 'You exceeded your quota.', status: 'RESOURCE_EXHAUSTED', details }
    const usageMetadata = { promptTokenCount: 9, candidatesTokenCount: 1, totalTokenCount: 10 }
    const candidates = [{ content: { role: 'model', parts: [{ text: 'hi' }] }, finishReason: 'STOP', index: 0 }]
    const ask = async (model: string, play: Play) => {
      now += 1000
      upstream.script(play)
      const path = `/v1beta/models/${model}:generateContent`
      const headers = { 'x-goog-api-key': 'AIza-own-0123456789' }
      const body = '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}'
      return (await exchange(`${story.url}${path}`, { headers, body })).status
    }
    const good: Play = { headers: json, body: JSON.stringify({ candidates, usageMetadata }) }
    assert.equal(await ask('gemini-2.5-pro', { status: 429, headers: json, body: JSON.stringify({ error }) }), 429)
    const used = [['requests-day', 'gemini-2.5-pro', 100]]
    assert.deepEqual((await shown()).windows, used)
    assert.equal(await ask('gemini-2.5-flash', good), 200)
    assert.deepEqual((await shown()).windows, used)
    assert.equal(await ask('gemini-2.5-pro', good), 200)
    assert.deepEqual((await shown()).windows, [])
  })
})
