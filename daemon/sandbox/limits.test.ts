/** The sandbox's limits as who reads real ones sees them: used up within seconds where the model is named so, refused in each provider's words. */
import assert from 'node:assert/strict'
import { readRefusal } from '../providers/refusal.ts'
import { openLimits } from './limits.ts'
import { openSandbox, type Sandbox } from './sandbox.ts'

const minute = 60_000
const start = Date.parse('2026-11-22T10:00:00Z')

describe('sandbox limits', () => {
  let now = start
  let sandbox: Sandbox
  beforeEach(async () => {
    now = start
    sandbox = await openSandbox({ now: () => now, speed: Infinity })
  })
  afterEach(() => sandbox.close())

  const paths = {
    chat: '/v1/chat/completions',
    responses: '/v1/responses',
    messages: '/v1/messages',
    gemini: '/v1beta/models/MODEL:generateContent',
  }
  type Path = keyof typeof paths
  const call = async (path: Path, model: string, key = 'a-key') => {
    const said = [{ role: 'user', content: 'Is this real?' }]
    const body = {
      model,
      max_tokens: 9,
      messages: said,
      input: 'Is this real?',
      contents: [{ parts: [{ text: 'x' }] }],
    }
    return fetch(`${sandbox.url}${paths[path].replace('MODEL', model)}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    })
  }
  const statuses = async (path: Path, model: string, count: number, key?: string) => {
    const all: number[] = []
    for (let i = 0; i < count; i++) all.push((await call(path, model, key)).status)
    return all
  }
  const refusalOf = async (reply: Response) => {
    const header = (name: string) => reply.headers.get(name) ?? undefined
    const { kind, scope, until } = readRefusal({ status: reply.status, header, json: await reply.json(), at: now }, [])
    return [kind, scope, until === null ? null : until - now]
  }

  for (const path of ['chat', 'responses', 'messages', 'gemini'] as const) {
    it(`lets five calls to sandbox-tiny through in a minute, and others of the account go on: ${path}`, async () => {
      assert.deepEqual(await statuses(path, 'sandbox-tiny', 5), [200, 200, 200, 200, 200])
      now += 20_000
      const refused = await call(path, 'sandbox-tiny')
      assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '40'])
      assert.deepEqual(await refusalOf(refused), ['rate', 'model', 40_000])
      assert.deepEqual(await statuses(path, 'sandbox-1', 1), [200])
      assert.deepEqual(await statuses(path, 'sandbox-tiny', 1, 'another-key'), [200])
      now += 40_000
      assert.deepEqual(await statuses(path, 'sandbox-tiny', 1), [200])
    })
  }

  it('counts sandbox-tiny down in its headers', async () => {
    const left = async (path: Path, name: string) => (await call(path, 'sandbox-tiny')).headers.get(name)
    assert.equal(await left('chat', 'x-ratelimit-remaining-requests'), '4')
    assert.equal(await left('chat', 'x-ratelimit-remaining-requests'), '3')
    assert.equal(await left('messages', 'anthropic-ratelimit-requests-remaining'), '4')
    assert.equal(await left('messages', 'anthropic-ratelimit-requests-limit'), '5')
  })

  it('uses a Claude plan up by five calls to sandbox-plan-tiny, until its window resets', async () => {
    assert.deepEqual(await statuses('messages', 'sandbox-plan-tiny', 4), [200, 200, 200, 200])
    const last = await call('messages', 'sandbox-plan-tiny')
    const header = (reply: Response, name: string) => reply.headers.get(`anthropic-ratelimit-unified-${name}`)
    assert.deepEqual(
      [last.status, header(last, 'status'), header(last, '5h-utilization')],
      [200, 'allowed_warning', '1.0000'],
    )
    const refused = await call('messages', 'sandbox-plan-tiny')
    assert.deepEqual(
      [refused.status, header(refused, 'status'), header(refused, '5h-status')],
      [429, 'rejected', 'rejected'],
    )
    assert.equal(header(refused, 'reset'), String((start + 5 * minute) / 1000))
    assert.deepEqual(await refusalOf(refused), ['plan', 'account', 5 * minute])
    now += 5 * minute
    assert.equal((await call('messages', 'sandbox-plan-tiny')).status, 200)
  })

  it('says so of a ChatGPT plan in Codex’ words', async () => {
    assert.deepEqual(await statuses('responses', 'sandbox-plan-tiny', 5), [200, 200, 200, 200, 200])
    const refused = await call('responses', 'sandbox-plan-tiny')
    const header = (name: string) => refused.headers.get(`x-codex-${name}`)
    assert.deepEqual([header('primary-used-percent'), header('primary-window-minutes')], ['100', '300'])
    assert.match(await refused.clone().text(), /"type":"usage_limit_reached".*"resets_in_seconds":300/)
    assert.deepEqual(await refusalOf(refused), ['plan', 'account', 5 * minute])
  })

  it('says so of a day at Gemini, which ends where Google counts it', async () => {
    assert.deepEqual(await statuses('gemini', 'sandbox-plan-tiny', 5), [200, 200, 200, 200, 200])
    const refused = await call('gemini', 'sandbox-plan-tiny')
    assert.match(await refused.clone().text(), /GenerateRequestsPerDayPerProjectPerModel-FreeTier.*"quotaValue":"5"/)
    assert.deepEqual(await refusalOf(refused), ['plan', 'model', 22 * 60 * minute])
  })

  it('refuses a plan’s token too once all is used, and lasts an evening until then', () => {
    const { take } = openLimits(() => now)
    const tokens = { input: 20_000, output: 500 }
    const asked = { kind: 'claude-plan', credential: 'sk-ant-oat01-x', model: 'sandbox-large', tokens } as const
    let calls = 0
    while (take(asked).reached === null) calls++
    assert.ok(calls > 500 && calls < 5000, String(calls))
    assert.equal(take(asked).reached?.until, start + 150 * minute)
    now += 150 * minute
    assert.equal(take(asked).reached, null)
  })

  it('counts single models of a key apart, so that their limits are theirs', () => {
    const { take } = openLimits(() => now)
    const tokens = { input: 1, output: 1 }
    const asked = { kind: 'openai', credential: 'k', tokens } as const
    for (let i = 0; i < 500; i++) assert.equal(take({ ...asked, model: 'sandbox-small' }).reached, null)
    assert.equal(take({ ...asked, model: 'sandbox-small' }).reached?.wait, 60)
    assert.equal(take({ ...asked, model: 'sandbox-large' }).reached, null)
  })
})
