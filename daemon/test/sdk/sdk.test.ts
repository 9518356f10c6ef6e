/** Each SDK call, straight at the provider and through the daemon: the same request arrives, the same bytes and values come back. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { promptTokensOf, type Usage } from '../../../shared/contract/usage.ts'
import { type Story, start } from '../start.ts'
import type { ReceivedRequest, Upstream } from '../upstream.ts'
import { sdkCalls } from './calls.ts'
import { startFixtureProvider, toldIn } from './fixture-provider.ts'

type Seen = { value: unknown; failed: boolean; sent: object[]; replies: object[] }

/** Each hop writes these itself, or they are a browser's; the test for header hygiene holds what becomes of them. */
const ofOneHop =
  /^(host|connection|keep-alive|transfer-encoding|sec-fetch-.*|date|x-tollkeeper-.*|x-content-type-options|content-security-policy)$/
const untold =
  /^(id|timestamp|responseId|messageId|created|createdAt|created_at|date|sdkHttpResponse|headers|responseHeaders|url|stack)$/

describe('every call of every SDK', function () {
  this.timeout(30_000)
  let upstream: Upstream
  let story: Story
  before(async () => {
    upstream = await startFixtureProvider()
    story = await start({
      config: {
        providers: {
          openai: { baseUrl: `${upstream.url}/v1` },
          anthropic: { baseUrl: upstream.url },
          gemini: { baseUrl: upstream.url },
        },
      },
    })
  })
  after(async () => {
    await story.end()
    await upstream.close()
  })

  /** What reached the provider, what came back as bytes, and what the SDK made of it. */
  async function seen(run: (origin: string) => Promise<unknown>, origin: string): Promise<Seen> {
    upstream.requests.length = 0
    const replies: Promise<object>[] = []
    const real = globalThis.fetch
    globalThis.fetch = async (...asked) => {
      const reply = await real(...asked)
      replies.push(replyOf(reply.clone()))
      return reply
    }
    try {
      const [value, failed] = await run(origin).then<[unknown, boolean], [unknown, boolean]>(
        (got) => [got, false],
        (error: Error & { status?: number; statusCode?: number }) => [
          { name: error.name, message: error.message, status: error.status ?? error.statusCode },
          true,
        ],
      )
      return {
        value: told(value, origin),
        failed,
        sent: upstream.requests.map(sentOf),
        replies: await Promise.all(replies),
      }
    } finally {
      globalThis.fetch = real
    }
  }

  for (const { sdk, what, fixture, run } of sdkCalls) {
    it(`${sdk}: ${what}`, async () => {
      const direct = await seen(run, upstream.url)
      const before = (await story.ask('requests', { query: { limit: '1' } })).requests[0]?.id
      const through = await seen(run, story.url)
      // only there is anything of ours in a body: usage is asked for, and taken out of the answer again
      if (what.includes('usage not asked')) {
        const [asked] = through.sent as { body: string }[]
        assert.match(asked?.body ?? '', /"stream_options":\{"include_usage":true\}/)
      } else assert.deepEqual(through.sent, direct.sent)
      assert.deepEqual(through.replies, direct.replies)
      assert.deepEqual(through.value, direct.value)
      assert.ok(direct.sent.length > 0, JSON.stringify(direct))

      const row = (await story.ask('requests', { query: { limit: '1' } })).requests[0]
      if (fixture === null) {
        assert.ok(row === undefined || row.id === before || row.totalTokens === null)
        return
      }
      const usage = toldIn(join('daemon', 'dialects', ...fixture.replace(/\/(?=[^/]+$)/, '/fixtures/').split('/')))
        .reading.usage as Usage | null
      assert.notEqual(row?.id, before)
      assert.ok(usage)
      assert.deepEqual([row?.promptTokens, row?.completionTokens], [promptTokensOf(usage), usage.output])
      assert.deepEqual(
        [row?.cacheReadTokens, row?.cacheWriteTokens],
        [usage.cacheRead, usage.cacheWrite5m + usage.cacheWrite1h],
      )
    })
  }
})

function sentOf({ method, path, headers, body }: ReceivedRequest): object {
  const passed = Object.entries(headers).filter(([name]) => !ofOneHop.test(name))
  return { method, path, headers: Object.fromEntries(passed.sort()), body: body.toString('latin1') }
}

async function replyOf(reply: Response): Promise<object> {
  const passed = [...reply.headers].filter(([name]) => !ofOneHop.test(name))
  const bytes = Buffer.from(await reply.arrayBuffer())
  return { status: reply.status, headers: Object.fromEntries(passed.sort()), bytes: bytes.toString('latin1') }
}

/** Without what the SDK itself makes up anew each time, and where it was sent. */
function told(value: unknown, origin: string): unknown {
  const text = JSON.stringify(value, (key, inner: unknown) => (untold.test(key) ? undefined : inner)) ?? 'null'
  return JSON.parse(text.replaceAll(origin, 'ORIGIN')) as unknown
}
