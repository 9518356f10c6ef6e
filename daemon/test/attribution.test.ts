/** Under which names calls are written down, from what real clients send with them. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Event } from '../../shared/contract/event.ts'
import { exchange } from './exchange.ts'
import { type Story, start } from './start.ts'
import { startUpstream, type Upstream } from './upstream.ts'

describe('whose a call is', () => {
  let upstream: Upstream
  let story: Story
  before(async () => {
    upstream = await startUpstream()
    story = await start({ config: { providers: { anthropic: { baseUrl: upstream.url } } } })
  })
  after(async () => {
    await story.end()
    await upstream.close()
  })
  const written = (): Event[] => {
    const folder = join(story.home, 'journal')
    const lines = readdirSync(folder).flatMap((file) => readFileSync(join(folder, file), 'utf8').trimEnd().split('\n'))
    return lines.flatMap((line) => (JSON.parse(line) as { e?: Event }).e ?? [])
  }

  it('is written down with client, session and feature, a search once the reply has told of one', async () => {
    upstream.script({
      status: 200,
      headers: [['content-type', 'text/event-stream']],
      body: readFileSync('daemon/dialects/anthropic/fixtures/web-search.sse'),
    })
    await exchange(`${story.url}/v1/messages?beta=true`, {
      body: JSON.stringify({ model: 'claude-sonnet-4-5', stream: true, max_tokens: 64, messages: [] }),
      headers: {
        'user-agent': 'claude-cli/2.1.330 (external, sdk-cli)',
        'x-app': 'cli',
        'x-claude-code-session-id': 'session-1',
        authorization: 'Bearer sk-ant-oat01-own',
      },
    })
    const told = written().flatMap((event) =>
      event.type === 'attempt.started' || event.type === 'attempt.ended'
        ? [[event.type, event.client, event.session, event.task, event.feature]]
        : [],
    )
    assert.deepEqual(told, [
      ['attempt.started', 'claude-code', 'session-1', 'generation', 'chat'],
      ['attempt.ended', 'claude-code', 'session-1', 'generation', 'search'],
    ])
  })
})
