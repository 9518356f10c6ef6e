/** With recording switched off calls go through and limits are read; no call leaves a trace, and clients are told so. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { exchange } from './exchange.ts'
import { eventually, type Story, start } from './start.ts'
import { startUpstream, type Upstream } from './upstream.ts'

describe('with recording switched off', () => {
  let upstream: Upstream
  let story: Story
  before(async () => {
    upstream = await startUpstream()
    const up = { extends: 'openai', baseUrl: `${upstream.url}/v1` }
    story = await start({ config: { providers: { up }, 'usage-statistics-enabled': false } })
  })
  after(async () => {
    await story.end()
    await upstream.close()
  })

  it('passes a call on, reads its limits, and counts nothing', async () => {
    const answer = JSON.stringify({ model: 'gpt-4o', choices: [], usage: { prompt_tokens: 9, completion_tokens: 1 } })
    upstream.script({
      status: 200,
      headers: [
        ['content-type', 'application/json'],
        ['x-ratelimit-limit-requests', '100'],
        ['x-ratelimit-remaining-requests', '99'],
        ['x-ratelimit-reset-requests', '6s'],
      ],
      body: answer,
    })
    const reply = await exchange(`${story.url}/p/up/v1/chat/completions`, {
      headers: { 'content-type': 'application/json', authorization: 'Bearer sk-own' },
      body: JSON.stringify({ model: 'gpt-4o', messages: [] }),
    })
    assert.equal(reply.status, 200)
    assert.equal(reply.body.toString(), answer)
    const limits = await eventually('the limits are read', async () => {
      const { ratelimits } = await story.ask('ratelimits')
      return ratelimits.length > 0 && ratelimits
    })
    assert.deepEqual([limits[0]?.provider, limits[0]?.quota?.remainingRequests], ['up', 99])
    const summary = await story.ask('summary')
    assert.deepEqual([summary.all_time.attempts, summary.recent, summary.in_flight], [0, [], 0])
    assert.equal((await story.ask('statsSummary')).totalRequests, 0)
    assert.deepEqual(
      summary.warnings.map((warning) => warning.code),
      ['recording-off'],
    )
    await story.daemon.book.flush()
    const folder = join(story.home, 'journal')
    const lines = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'))
    assert.match(lines.join(''), /quota\.read/)
    assert.doesNotMatch(lines.join(''), /attempt\./)
  })
})
