/** The sandbox's small limits through the whole daemon: one model of its account is used up, the others are not. */
import assert from 'node:assert/strict'
import { exchange } from './exchange.ts'
import { type Story, start } from './start.ts'

describe('small limits of the sandbox', () => {
  let story: Story
  before(async () => {
    story = await start({ sandbox: true })
  })
  after(() => story.end())

  const ask = (model: string) =>
    exchange(`${story.url}/p/sandbox/v1/chat/completions`, {
      body: JSON.stringify({ model, max_tokens: 1, messages: [{ role: 'user', content: 'hi' }] }),
    })

  it('are seen used up within seconds, as the provider says it', async () => {
    for (let i = 0; i < 5; i++) assert.equal((await ask('sandbox-tiny')).status, 200)
    assert.equal((await ask('sandbox-1')).status, 200)
    const refused = await ask('sandbox-tiny')
    assert.equal(refused.status, 429)
    assert.equal(refused.headers['x-tollkeeper-refusal'], undefined)
    assert.match(refused.body.toString(), /rate_limit_exceeded/)
    const { ratelimits } = await story.ask('ratelimits')
    assert.deepEqual(ratelimits.map((row) => [row.account, row.model, row.status]).sort(), [
      ['sandbox', 'sandbox-1', 'tracking'],
      ['sandbox', 'sandbox-tiny', 'exhausted'],
    ])
  })

  it('show a plan that is used up in the headline', async () => {
    for (let i = 0; i < 5; i++) assert.equal((await ask('sandbox-plan-tiny')).status, 200)
    assert.equal((await ask('sandbox-plan-tiny')).status, 429)
    const { headline, simulated } = await story.ask('summary')
    assert.ok(headline.kind === 'window')
    assert.deepEqual([simulated, headline.window.used_pct], [true, 100])
  })
})
