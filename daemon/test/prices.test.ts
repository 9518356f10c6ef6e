/** Prices in the whole daemon: how a call was served, how its cost came about, newer prices on demand, the past at other prices. */
import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProvider, type Provider } from '@pydantic/genai-prices'
import type { Config } from '../../shared/contract/config.ts'
import { knownProviders } from '../providers/index.ts'
import { exchange } from './exchange.ts'
import { type Story, start } from './start.ts'
import { startUpstream, type Upstream } from './upstream.ts'

const json = [['content-type', 'application/json']] as const
const own = { authorization: 'Bearer sk-own-1234567890' }

/** What the makers of the catalogue publish, as far as it matters here; `change` makes other prices of it. */
function published(change: (provider: Provider) => Provider = (provider) => provider): Provider[] {
  const ids = new Set(knownProviders.flatMap(({ catalogueId }) => catalogueId ?? []))
  return [...ids].flatMap((id) => {
    const provider = findProvider({ providerId: id })
    return provider ? [change(JSON.parse(JSON.stringify(provider)) as Provider)] : []
  })
}

const withNews = published((provider) =>
  provider.id === 'openai'
    ? {
        ...provider,
        models: [
          { id: 'gpt-9', match: { equals: 'gpt-9' }, prices: { input_mtok: 7, output_mtok: 70 } },
          ...provider.models.map((model) =>
            model.id === 'gpt-4o' ? { ...model, prices: { input_mtok: 1, output_mtok: 2 } } : model,
          ),
        ],
      }
    : provider,
)

describe('prices in the whole daemon', () => {
  let upstream: Upstream
  let story: Story
  let day = Date.UTC(2026, 10, 27, 12)
  const now = () => day++

  async function begin(config: Config = {}): Promise<void> {
    upstream = await startUpstream()
    const providers = {
      up: { extends: 'openai', baseUrl: `${upstream.url}/v1` },
      ant: { extends: 'anthropic', baseUrl: upstream.url },
      goog: { extends: 'gemini', baseUrl: `${upstream.url}/v1beta` },
      near: { extends: 'openai', baseUrl: `${upstream.url}/v1`, local: true, passthrough: true },
    }
    story = await start({ config: { providers, pricesUrl: `${upstream.url}/prices.json`, ...config }, now })
  }
  afterEach(async () => {
    await story.end()
    await upstream.close()
  })

  async function call(
    body: object,
    reply: object,
    path = '/p/up/chat/completions',
    headers = json as readonly (readonly [string, string])[],
  ) {
    upstream.script({ headers, body: JSON.stringify(reply) })
    const answered = await exchange(`${story.url}${path}`, { headers: own, body: JSON.stringify(body) })
    assert.equal(answered.status, 200, answered.body.toString())
    const id = String(answered.headers['x-tollkeeper-request-id'])
    const { attempts } = await story.ask('request', { params: { id } })
    return attempts[0] ?? assert.fail('an attempt')
  }
  const usage = { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 }

  it('goes by what the reply says, and shows how the cost came about', async () => {
    await begin()
    const asked = { model: 'gpt-5.2', service_tier: 'flex', messages: [] }
    const flex = await call(asked, { model: 'gpt-5.2', service_tier: 'flex', usage })
    assert.deepEqual([flex.cost_usd, flex.price?.tier], [0.001575, 'flex'])
    assert.deepEqual(flex.price?.parts, [
      { kind: 'input', tokens: 1000, usd_per_million: 0.875, cost_usd: 0.000875 },
      { kind: 'output', tokens: 100, usd_per_million: 7, cost_usd: 0.0007 },
    ])
    const standard = await call(asked, { model: 'gpt-5.2', service_tier: 'default', usage })
    assert.deepEqual([standard.cost_usd, standard.price?.tier], [0.00315, null])
    const untold = await call(asked, { model: 'gpt-5.2', usage })
    assert.deepEqual([untold.cost_usd, untold.price?.tier], [0.001575, 'flex'])
    const unknown = await call(asked, { model: 'gpt-5.2', service_tier: 'scale', usage })
    assert.deepEqual([unknown.cost_usd, unknown.price], [null, null])
    const { warnings } = await story.ask('warnings')
    assert.match(warnings.find(({ code }) => code === 'unpriced-model')?.text ?? '', /in the service tier "other"/)
  })

  it('prices sound at its own rate, and says so where it has none', async () => {
    await begin()
    const heard = {
      ...usage,
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 400, text_tokens: 600 },
      completion_tokens_details: { audio_tokens: 70, text_tokens: 30 },
    }
    const spoken = await call({ model: 'gpt-audio', messages: [] }, { model: 'gpt-audio-2025-08-28', usage: heard })
    assert.deepEqual(spoken.usage?.audio, { input: 400, cache_read: null, output: 70 })
    assert.equal(spoken.usage?.input, 1000)
    assert.equal(spoken.cost_usd, 0.01908)
    assert.deepEqual(spoken.price?.parts, [
      { kind: 'input', tokens: 600, usd_per_million: 2.5, cost_usd: 0.0015 },
      { kind: 'input_audio', tokens: 400, usd_per_million: 32, cost_usd: 0.0128 },
      { kind: 'output', tokens: 30, usd_per_million: 10, cost_usd: 0.0003 },
      { kind: 'output_audio', tokens: 70, usd_per_million: 64, cost_usd: 0.00448 },
    ])
    const unknown = await call({ model: 'gpt-5.2', messages: [] }, { model: 'gpt-5.2', usage: heard })
    assert.deepEqual([unknown.cost_usd, unknown.price], [null, null])
    const { warnings } = await story.ask('warnings')
    const said = warnings.filter(({ code }) => code === 'unpriced-model')
    assert.equal(said.length, 1)
    assert.match(said[0]?.text ?? '', /gpt-5\.2 at up with tokens of sound.*"inputAudioUsdPerMillion"/)
  })

  it('has no price for images, however they are made, and says so once a model', async () => {
    await begin({ prices: { 'gemini-3-pro-image-preview': { inputUsdPerMillion: 2, outputUsdPerMillion: 100 } } })
    const gemini = (model: string) => {
      const metadata = { promptTokenCount: 10, candidatesTokenCount: 1310 }
      const candidatesTokensDetails = [{ modality: 'IMAGE', tokenCount: 1290 }]
      const reply = { candidates: [{ finishReason: 'STOP' }], modelVersion: model }
      return call(
        { contents: [] },
        { ...reply, usageMetadata: { ...metadata, candidatesTokensDetails } },
        `/p/goog/models/${model}:generateContent`,
      )
    }
    for (let i = 0; i < 2; i++) {
      const made = await gemini('gemini-2.5-flash-image')
      assert.deepEqual([made.cost_usd, made.price, made.usage?.output], [null, null, 1310])
    }
    const drawn = await call(
      { model: 'gpt-5.2', input: 'draw' },
      {
        object: 'response',
        model: 'gpt-5.2',
        output: [{ type: 'image_generation_call', status: 'completed', result: 'AAAA' }],
        usage: { input_tokens: 1000, output_tokens: 100 },
      },
      '/p/up/responses',
    )
    assert.deepEqual([drawn.cost_usd, drawn.price], [null, null])
    for (const path of ['/p/up/images/generations', '/p/up/audio/speech', '/p/goog/models/imagen-4:predict'])
      assert.deepEqual((await call({ model: 'x' }, {}, path)).cost_usd, null)
    // one of the user's own costs nothing, whatever it makes
    assert.equal((await call({ model: 'x' }, {}, '/p/near/images/generations')).cost_usd, 0)
    // whoever states a price for the model means all that comes out of it
    assert.equal((await gemini('gemini-3-pro-image-preview')).cost_usd, 0.13102)
    const { warnings } = await story.ask('warnings')
    const said = warnings.filter(({ code }) => code === 'unpriced-model')
    assert.deepEqual(said.map(({ subject }) => subject).sort(), [
      'goog/gemini-2.5-flash-image',
      'goog/unknown',
      'up/gpt-5.2',
      'up/unknown',
    ])
    for (const { subject, text } of said)
      assert.match(
        text,
        subject.endsWith('unknown') ? /billed by the piece.*unpriced/ : /with images that it made.*"prices"/,
      )
    const { providers } = await story.ask('providers')
    assert.equal(
      providers.reduce((sum, row) => sum + row.unpricedRequests, 0),
      6,
    )
    // nor do prices of another day cover them
    const again = await story.ask('reprice', { query: { from: '2026-11-01' } })
    assert.deepEqual([again.stamped_unpriced_requests, again.unpriced_requests], [6, 6])
  })

  it('takes more where a call was kept within the US, as the reply says, else as was asked', async () => {
    await begin()
    const tokens = { input_tokens: 1000, output_tokens: 100 }
    const ask = (geo: string | undefined) =>
      call(
        { model: 'claude-opus-5', max_tokens: 1, inference_geo: 'us', messages: [] },
        { type: 'message', model: 'claude-opus-5', content: [], usage: { ...tokens, inference_geo: geo } },
        '/p/ant/v1/messages',
      )
    const kept = await ask('us')
    assert.deepEqual([kept.cost_usd, kept.price?.within], [0.00825, 'us'])
    assert.deepEqual(kept.price?.parts?.[0], {
      kind: 'input',
      tokens: 1000,
      usd_per_million: 5.5,
      cost_usd: 0.0055,
    })
    const untold = await ask(undefined)
    assert.deepEqual([untold.cost_usd, untold.price?.within], [0.00825, 'us'])
    const anywhere = await ask('global')
    assert.deepEqual([anywhere.cost_usd, anywhere.price?.within], [0.0075, null])
    const unknown = await ask('eu')
    assert.deepEqual([unknown.cost_usd, unknown.price], [null, null])
    const { warnings } = await story.ask('warnings')
    assert.match(warnings.find(({ code }) => code === 'unpriced-model')?.text ?? '', /kept within "other"/)
  })

  it('believes the header that Google tells it in', async () => {
    await begin()
    const reply = {
      candidates: [{ content: { parts: [{ text: 'hi' }] }, finishReason: 'STOP' }],
      modelVersion: 'gemini-4-neon',
      usageMetadata: { promptTokenCount: 1000, candidatesTokenCount: 100, serviceTier: 'priority' },
    }
    const path = '/p/goog/models/gemini-4-neon:generateContent'
    const asked = { contents: [], serviceTier: 'priority' }
    const served = await call(asked, reply, path)
    assert.deepEqual([served.cost_usd, served.price?.tier], [0.0081, 'priority'])
    const moved = await call(asked, reply, path, [...json, ['x-gemini-service-tier', 'standard']])
    assert.deepEqual([moved.cost_usd, moved.price?.tier], [0.0045, null])
  })

  it('fetches newer prices when it is asked to, uses them at once, and keeps them', async () => {
    await begin()
    const ask = (model: string) => call({ model, messages: [] }, { model, usage })
    assert.equal((await ask('gpt-9')).cost_usd, null)
    upstream.script({ headers: json, body: JSON.stringify(withNews) })
    const updated = await story.ask('updatePrices', { body: {} })
    assert.deepEqual([updated.version, updated.new_models, updated.changed_models], ['2026-11-27 update', 1, 1])
    const news = await ask('gpt-9')
    assert.deepEqual(
      [news.cost_usd, news.price?.source, news.price?.version],
      [0.014, 'catalogue', '2026-11-27 update'],
    )
    assert.equal((await ask('gpt-4o')).cost_usd, 0.0012)
    const file = join(story.home, 'prices.json')
    if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o600)
    await story.restart()
    const { catalogue, prices } = await story.ask('prices', { query: { model: 'gpt-9', provider: 'openai' } })
    assert.deepEqual(
      [catalogue.version, prices[0]?.rates[0]],
      ['2026-11-27 update', { kind: 'input', usd: 7, above: [] }],
    )
    // what was stamped before is told as it was
    const { requests } = await story.ask('requestRows', { query: {} })
    assert.deepEqual(
      requests.map(({ cost_usd }) => cost_usd),
      [0.0012, 0.014, null],
    )
  })

  const bad: [what: string, body: string | undefined, status: number, says: RegExp][] = [
    ['that are no JSON', '<html>', 200, /is no JSON/],
    ['that are not there', undefined, 404, /status 404/],
    ['that are somewhere else', undefined, 302, /redirects are not followed/],
    ['in another form', '{"models":[]}', 200, /not in the form/],
    [
      'with a price below nothing',
      JSON.stringify(withNews).replace('"input_mtok":7', '"input_mtok":-7'),
      200,
      /not in the form.* 0\.models|not in the form.*models\.0/,
    ],
    [
      'that lack a provider',
      JSON.stringify(withNews.filter(({ id }) => id !== 'anthropic')),
      200,
      /lack the provider "anthropic"/,
    ],
    [
      'that lack most models',
      JSON.stringify(published((one) => ({ ...one, models: one.models.slice(0, 2) }))),
      200,
      /something is missing/,
    ],
    [
      'that are older',
      JSON.stringify(
        published((one) => ({
          ...one,
          models: one.models.map((model) => ({
            ...model,
            prices: Array.isArray(model.prices) ? (model.prices[0]?.prices ?? {}) : model.prices,
          })),
        })),
      ),
      200,
      /are older than those at hand/,
    ],
  ]
  it('refuses what cannot be newer prices, and says why', async () => {
    await begin()
    for (const [what, body, status, says] of bad) {
      upstream.script({ status, headers: [...json, ['location', '/elsewhere']], ...(body !== undefined && { body }) })
      const reply = await story.client.ask('updatePrices', { body: {} })
      assert.ok(!reply.ok, what)
      assert.equal(reply.error.status_code, 502, what)
      assert.match(reply.error.detail, says, what)
      assert.match(reply.error.detail, /The prices from before are used on\.$/, what)
    }
    await upstream.close()
    const reply = await story.client.ask('updatePrices', { body: {} })
    assert.match(reply.ok ? '' : reply.error.detail, /cannot be reached, or broke off \(ECONNREFUSED\)/)
    const { catalogue } = await story.ask('prices', { query: { model: 'gpt-4o' } })
    assert.match(catalogue.version, /^genai-prices /)
    assert.throws(() => readFileSync(join(story.home, 'prices.json')))
    upstream = await startUpstream()
  })

  it('fetches over https, or from this machine', async () => {
    await begin({ pricesUrl: 'http://prices.example.com/data.json' })
    const reply = await story.client.ask('updatePrices', { body: {} })
    assert.match(reply.ok ? '' : reply.error.detail, /over https, or http from this machine/)
  })

  it('says that a file of prices is broken, and goes on with the shipped ones', async () => {
    await begin()
    for (const [content, why] of [
      ['{"format":1,', /no JSON/],
      ['{"format":2}', /not in the form/],
    ] as const) {
      writeFileSync(join(story.home, 'prices.json'), content)
      await story.restart()
      const { warnings } = await story.ask('warnings')
      assert.match(warnings.find(({ code }) => code === 'prices-unreadable')?.text ?? '', why)
    }
    const { catalogue } = await story.ask('prices', { query: { model: 'gpt-4o' } })
    assert.deepEqual(catalogue.updated_at, null)
    upstream.script({ headers: json, body: JSON.stringify(withNews) })
    await story.ask('updatePrices', { body: {} })
    const { warnings } = await story.ask('warnings')
    assert.deepEqual(
      warnings.filter(({ code }) => code === 'prices-unreadable'),
      [],
    )
  })

  it('shows what a model costs, at whoever sells it', async () => {
    await begin({ prices: { mine: { inputUsdPerMillion: 1, outputUsdPerMillion: 2 } } })
    const { prices, as_of } = await story.ask('prices', { query: { model: 'gpt-6.2-astra', provider: 'openai' } })
    assert.match(as_of, /^2026-11-27T/)
    const [row] = prices
    assert.deepEqual([row?.source, row?.version, row?.priced_as], ['override', '2026-11-27', null])
    assert.match(row?.page ?? '', /^https:\/\/developers\.openai\.com/)
    assert.deepEqual(row?.rates[0], { kind: 'input', usd: 8, above: [{ prompt_tokens: 272_000, usd: 16 }] })
    assert.deepEqual(row?.rates.at(-1), { kind: 'web_search', usd: 10, above: [] })
    assert.deepEqual(
      row?.tiers.map(({ tier, rates }) => [tier, rates[0]?.usd]),
      [
        ['batch', 4],
        ['priority', 16],
        ['fast', 16],
      ],
    )
    const dated = await story.ask('prices', { query: { model: 'gpt-5-2026-12-01', provider: 'openai' } })
    assert.equal(dated.prices[0]?.priced_as, 'gpt-5')
    const users = await story.ask('prices', { query: { model: 'mine' } })
    assert.ok(
      users.prices.length > 1 && users.prices.every(({ source, tiers }) => source === 'user' && tiers.length === 0),
    )
    assert.deepEqual((await story.ask('prices', { query: { model: 'nobody-sells-this' } })).prices, [])
    const unknown = await story.client.ask('prices', { query: { model: 'gpt-4o', provider: 'nobody' } })
    assert.deepEqual(unknown.ok || [unknown.error.status_code, unknown.error.context?.parameter], [400, 'provider'])
  })

  it('tells what the past would cost at the prices of another day, and changes nothing', async () => {
    await begin()
    const gemini = (model: string) => ({
      candidates: [{ content: { parts: [{ text: 'hi' }] }, finishReason: 'STOP' }],
      modelVersion: model,
      usageMetadata: { promptTokenCount: 1000, candidatesTokenCount: 100 },
    })
    for (const model of ['gemini-4-argon', 'gemini-4-argon', 'gemini-nobody-knows'])
      await call({ contents: [] }, gemini(model), `/p/goog/models/${model}:generateContent`)
    await call({ model: 'gpt-5.2', messages: [] }, { model: 'gpt-5.2', service_tier: 'flex', usage })
    const told = await story.ask('reprice', { query: { as_of: '2026-12-05', from: '2026-11-01' } })
    assert.deepEqual(
      [told.requests, told.cost_usd, told.repriced_cost_usd, told.unpriced_requests, told.stamped_unpriced_requests],
      [4, 0.007575, 0.013575, 1, 1],
    )
    assert.deepEqual(
      told.by_model.map((row) => [row.stamped_unpriced_requests, row.unpriced_requests]),
      [
        [0, 0],
        [0, 0],
        [1, 1],
      ],
    )
    assert.deepEqual(
      told.by_model.map((row) => [row.provider, row.model, row.requests, row.cost_usd, row.repriced_cost_usd]),
      [
        ['goog', 'gemini-4-argon', 2, 0.006, 0.012],
        ['up', 'gpt-5.2', 1, 0.001575, 0.001575],
        ['goog', 'gemini-nobody-knows', 1, 0, 0],
      ],
    )
    assert.equal((await story.ask('reprice')).repriced_cost_usd, 0.007575)
    const none = await story.ask('reprice', { query: { from: '2026-10-01', to: '2026-10-02' } })
    assert.deepEqual([none.requests, none.by_model], [0, []])
    for (const [query, parameter] of [
      [{ as_of: 'soon' }, 'as_of'],
      [{ from: '2026-02-31' }, 'from'],
      [{ from: '2027-01-01' }, 'from'],
      [{ to: 'x' }, 'to'],
      [{ from: '2026-11-02', to: '2026-11-01' }, 'to'],
    ] as const) {
      const reply = await story.client.ask('reprice', { query })
      assert.deepEqual(reply.ok || [reply.error.status_code, reply.error.context?.parameter], [400, parameter])
    }
    const summary = await story.ask('summary')
    assert.equal(summary.month.cost_usd, 0.007575)
  })
})
