/** `npm run bench -- failover`: what going on to the next target costs of our own, beside the refused attempt and the served one. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool } from 'undici'
import { median } from './load.ts'
import { startDaemonOn, startRole } from './processes.ts'
import { refusingPath } from './upstream.ts'

const times = 600
const warmUp = 200
const headers = { 'content-type': 'application/json' }
const bodyFor = (model: string) =>
  JSON.stringify({ model, messages: [{ role: 'user', content: 'lorem ip '.repeat(400) }] })

/** One after another on one connection each, the three in turn. Before each the cooldown is lifted, so that each chain call is refused once. */
export async function measureFailover(say: (text: string) => void): Promise<void> {
  const upstream = await startRole('upstream')
  const home = homeFor(`http://127.0.0.1:${upstream.port}`)
  const daemon = await startDaemonOn(home)
  const direct = new Pool(`http://127.0.0.1:${upstream.port}`, { connections: 1, pipelining: 1 })
  const through = new Pool(`http://127.0.0.1:${daemon.port}`, { connections: 1, pipelining: 1 })
  try {
    const { token } = JSON.parse(readFileSync(join(home, 'daemon.json'), 'utf8')) as { token: string }
    const admin = { ...headers, authorization: `Bearer ${token}` }
    const made = await asked(through, 'POST', '/api/v1/keys', admin, JSON.stringify({ name: 'bench', scope: 'proxy' }))
    const { key } = JSON.parse(made.text) as { key: string }
    const caller = { ...headers, authorization: `Bearer ${key}` }
    const ways = {
      refused: () => asked(direct, 'POST', `${refusingPath}/v1/chat/completions`, headers, bodyFor('gpt-4o-mini')),
      served: () => asked(through, 'POST', '/v1/chat/completions', caller, bodyFor('second/gpt-4o-mini')),
      failedOver: () => asked(through, 'POST', '/v1/chat/completions', caller, bodyFor('chain:both')),
    }
    const took: Record<keyof typeof ways, number[]> = { refused: [], served: [], failedOver: [] }
    for (let round = 0; round < warmUp + times; round++) {
      for (const way of ['refused', 'served', 'failedOver'] as const) {
        await asked(through, 'DELETE', '/v1/ratelimits/first/*', admin)
        const begun = performance.now()
        const reply = await ways[way]()
        const ms = performance.now() - begun
        const attempts = reply.header('x-tollkeeper-attempts')
        const isRight = way === 'refused' ? reply.status === 429 : attempts === (way === 'served' ? '1' : '2')
        if (!isRight)
          throw new Error(`a call that was to be ${way} got ${reply.status} after ${attempts ?? 'no'} attempts`)
        if (round >= warmUp) took[way].push(ms)
      }
    }
    const [refused, served, failedOver] = [median(took.refused), median(took.served), median(took.failedOver)]
    const own = failedOver - served - refused
    say(
      `failover, p50: ${failedOver.toFixed(3)} ms; a call served at once ${served.toFixed(3)} ms, the refusal itself ${refused.toFixed(3)} ms\n` +
        `  of our own ${own.toFixed(3)} ms, target < 2 ms  ${own < 2 ? 'met' : 'MISSED'}`,
    )
  } finally {
    await Promise.all([direct.destroy(), through.destroy()])
    await daemon.stop()
    upstream.stop()
    rmSync(home, { recursive: true, force: true })
  }
}

function homeFor(upstream: string): string {
  const home = mkdtempSync(join(tmpdir(), 'tollkeeper-failover-'))
  const provider = (path: string) => ({ extends: 'openai', baseUrl: `${upstream}${path}/v1`, apiKey: 'not-a-real-key' })
  const config = {
    providers: { first: provider(refusingPath), second: provider('') },
    chains: { both: ['first/gpt-4o-mini', 'second/gpt-4o-mini'] },
  }
  writeFileSync(join(home, 'config.jsonc'), JSON.stringify(config))
  return home
}

type Reply = { status: number; text: string; header(name: string): string | undefined }

async function asked(
  pool: Pool,
  method: 'POST' | 'DELETE',
  path: string,
  headers: Record<string, string>,
  body?: string,
): Promise<Reply> {
  const reply = await pool.request({ method, path, headers, body: body ?? null })
  const text = await reply.body.text()
  return {
    status: reply.statusCode,
    text,
    header: (name) => {
      const value = reply.headers[name]
      return Array.isArray(value) ? value[0] : value
    },
  }
}
