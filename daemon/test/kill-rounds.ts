/** Rounds of kill -9 under load: starts the daemon, calls it, kills it in the middle, and looks for every call that a client saw finished. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openClient } from '../../shared/client.ts'
import { exchange } from './exchange.ts'
import { type DaemonProcess, killLeft, startProcess } from './process.ts'
import { startUpstream, type Upstream } from './upstream.ts'

const callers = 6
/** A slow machine answers nothing within the time of some rounds: all but every fourth count it from a call that finished. */
const mostFinishedFirst = 4

/** `lost`: what was not as a client had seen it, in words. `counted`: calls in the sums at the end, by provider and by model. */
export type KillFigures = {
  finished: number
  open: number
  interrupted: number
  lost: string[]
  counted: { provider: number; models: number }
}

/** Kills so many times, each after another while; `afterMs` says how long, by the round. `told` hears of each. */
export async function killRounds(
  rounds: number,
  afterMs: (round: number) => number,
  told: (round: number, lost: number) => void = () => {},
): Promise<KillFigures> {
  const upstream = await startUpstream()
  const home = mkdtempSync(join(tmpdir(), 'tollkeeper-kill-'))
  try {
    writeFileSync(
      join(home, 'config.jsonc'),
      JSON.stringify({
        providers: { up: { extends: 'openai', baseUrl: `${upstream.url}/v1` } },
        store: { compactEvents: 150 },
      }),
    )
    answerInTokens(upstream)
    return await playRounds(home, rounds, afterMs, told)
  } finally {
    killLeft()
    await upstream.close()
    rmSync(home, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** Every answer has its own figures: the question's number, in tokens. */
function answerInTokens(upstream: Upstream): void {
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
}

async function playRounds(
  home: string,
  rounds: number,
  afterMs: (round: number) => number,
  told: (round: number, lost: number) => void,
): Promise<KillFigures> {
  const lost: string[] = []
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

  async function untilFinished(calls: number, isOver: () => boolean): Promise<void> {
    while (finished.size < calls && !isOver()) await pause(2)
  }

  let interrupted = 0
  for (let round = 0; round < rounds; round++) {
    const daemon = await startProcess(home)
    let over = false
    const callersNow = Array.from({ length: callers }, () => caller(daemon, () => over))
    const allLeft = Promise.all(callersNow)
    await Promise.race([allLeft, untilFinished(finished.size + (round % mostFinishedFirst), () => over)])
    await pause(afterMs(round))
    await daemon.kill()
    over = true
    await allLeft

    const again = await startProcess(home)
    const client = openClient({ url: again.url, token: again.discovery.token, fetch })
    const asked = await client.ask('requests', { query: { limit: '500' } })
    assert.ok(asked.ok)
    const rows = asked.value.requests
    for (const [id, tokens] of [...finished].slice(-400)) {
      const found = rows.filter((row) => row.id === id)
      const [row] = found
      if (found.length !== 1) lost.push(`round ${round}: ${id} is there ${found.length} times`)
      else if (row?.promptTokens !== tokens || row.completionTokens !== tokens + 1 || row.outcome !== 'ok')
        lost.push(`round ${round}: ${id} is there as ${JSON.stringify(row)}`)
    }
    interrupted = rows.filter((row) => row.outcome === 'interrupted').length
    await again.kill()
    told(round, lost.length)
  }
  const last = await startProcess(home)
  const client = openClient({ url: last.url, token: last.discovery.token, fetch })
  const [provider, usage] = [
    await client.ask('provider', { params: { providerId: 'up' } }),
    await client.ask('usage', { query: { group_by: 'model' } }),
  ]
  await last.kill()
  assert.ok(provider.ok && usage.ok)
  const counted = { provider: provider.value.totalRequests, models: usage.value.total.requests }
  return { finished: finished.size, open, interrupted, lost, counted }
}
