/** kill -9 of the real process under load and in mid-stream: what a client saw finished is there once, with its tokens. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openClient } from '../../shared/client.ts'
import { exchange } from './exchange.ts'
import { type DaemonProcess, killLeft, startProcess } from './process.ts'
import { startUpstream, type Upstream } from './upstream.ts'

const rounds = 20
const callers = 6

describe('kill -9', () => {
  let upstream: Upstream
  let home: string
  before(async () => {
    upstream = await startUpstream()
    home = mkdtempSync(join(tmpdir(), 'tollkeeper-kill-'))
    writeFileSync(
      join(home, 'config.jsonc'),
      JSON.stringify({
        providers: { up: { extends: 'openai', baseUrl: `${upstream.url}/v1` } },
        store: { compactEvents: 150 },
      }),
    )
    // every answer has its own figures: the question's number, in tokens
    upstream.script((request) => {
      const { n, stream } = JSON.parse(request.body.toString()) as { n: number; stream: boolean }
      const usage = { prompt_tokens: n, completion_tokens: n + 1, total_tokens: 2 * n + 1 }
      if (!stream)
        return {
          body: JSON.stringify({ model: 'm', choices: [{ message: { content: 'x' }, finish_reason: 'stop' }], usage }),
        }
      const chunk = (choices: unknown[], rest = {}) => `data: ${JSON.stringify({ model: 'm', choices, ...rest })}\n\n`
      const words = Array.from({ length: 6 }, () => chunk([{ delta: { content: 'word ' } }]))
      return {
        headers: [['content-type', 'text/event-stream']],
        body: [...words, chunk([{ delta: {}, finish_reason: 'stop' }]), chunk([], { usage }), 'data: [DONE]\n\n'],
        between: 3,
      }
    })
  })
  after(async () => {
    killLeft()
    await upstream.close()
    rmSync(home, { recursive: true, force: true })
  })

  it(`${rounds} rounds: each request id that a client saw finished is there once, with its tokens`, async function () {
    this.timeout(180_000)
    const finished = new Map<string, number>()
    let n = 0
    let open = 0

    async function caller(daemon: DaemonProcess, isOver: () => boolean): Promise<void> {
      while (!isOver()) {
        const mine = ++n
        const stream = mine % 2 === 0
        open++
        const body = JSON.stringify({
          model: 'm',
          stream,
          n: mine,
          ...(stream && { stream_options: { include_usage: true } }),
        })
        // the daemon's death is what ends a caller
        const reply = await exchange(`${daemon.url}/p/up/v1/chat/completions`, { body }).catch(() => undefined)
        if (!reply || reply.broken || reply.status !== 200) return
        open--
        if (stream) assert.match(reply.body.toString(), /\[DONE\]\n\n$/)
        finished.set(String(reply.headers['x-tollkeeper-request-id']), mine)
      }
    }

    let interrupted = 0
    for (let round = 0; round < rounds; round++) {
      const daemon = await startProcess(home)
      let over = false
      const callersNow = Array.from({ length: callers }, () => caller(daemon, () => over))
      // a different moment each round: from the first calls to well into them
      await new Promise((resolve) => setTimeout(resolve, 40 + ((round * 37) % 160)))
      await daemon.kill()
      over = true
      await Promise.all(callersNow)

      const again = await startProcess(home)
      const client = openClient({ url: again.url, token: again.discovery.token, fetch })
      const asked = await client.ask('requests', { query: { limit: '500' } })
      assert.ok(asked.ok)
      const rows = asked.value.requests
      for (const [id, tokens] of [...finished].slice(-400)) {
        const found = rows.filter((row) => row.id === id)
        assert.equal(found.length, 1, `round ${round}: ${id} is there ${found.length} times of ${rows.length}`)
        assert.deepEqual(
          [found[0]?.promptTokens, found[0]?.completionTokens, found[0]?.outcome],
          [tokens, tokens + 1, 'ok'],
        )
      }
      interrupted = rows.filter((row) => row.outcome === 'interrupted').length
      await again.kill()
    }
    assert.ok(finished.size > rounds, `only ${finished.size} calls finished: nothing was tested`)
    assert.ok(
      open > 0 && interrupted > 0,
      `calls were cut in the middle (${open}) and ended as interrupted (${interrupted})`,
    )

    const last = await startProcess(home)
    const client = openClient({ url: last.url, token: last.discovery.token, fetch })
    const [provider, usage] = [
      await client.ask('provider', { params: { providerId: 'up' } }),
      await client.ask('usage', { query: { group_by: 'model' } }),
    ]
    await last.kill()
    assert.ok(provider.ok && usage.ok)
    // besides the finished ones only those that were cut, at their estimate
    assert.ok(
      provider.value.totalRequests >= finished.size && provider.value.totalRequests <= finished.size + open,
      `${provider.value.totalRequests} of ${finished.size} + ${open}`,
    )
    assert.equal(usage.value.total.requests, provider.value.totalRequests)
  })
})
