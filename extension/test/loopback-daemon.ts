/** As much of a daemon as a window sees before and while it is attached: its file, its proof, its feed. Remembers who sent the token. */
import { createHmac, randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type WebSocket, WebSocketServer } from 'ws'
import { type Discovery, proofText } from '../../shared/contract/discovery.ts'
import { windowHeader } from '../../shared/contract/endpoint.ts'
import { CONTRACT_VERSION, type FeedMessage } from '../../shared/contract/feed.ts'
import type { LimitRow, Standing } from '../../shared/contract/rows.ts'
import { totals } from '../../shared/test/samples.ts'
import { standing } from './samples.ts'

export type LoopbackDaemon = {
  discovery: Discovery
  /** `METHOD path` of all that came with an Authorization header. */
  authorized: string[]
  /** By which window each of them said that it was asked. */
  windows: (string | undefined)[]
  hellos: unknown[]
  tell(message: FeedMessage): void
  /** As kill -9 does: connections break, the file stays. */
  kill(): Promise<void>
  /** As a stop does: the file goes too. */
  stop(): Promise<void>
}

export async function startLoopbackDaemon(
  home: string,
  odd: {
    proofKey?: string
    status?: number
    contract?: number
    body?: string
    standing?: Standing
    limits?: LimitRow[]
  } = {},
): Promise<LoopbackDaemon> {
  const instanceId = randomUUID()
  const token = `tk_local_${randomUUID()}`
  const authorized: string[] = []
  const windows: (string | undefined)[] = []
  const hellos: unknown[] = []
  const sockets = new Set<WebSocket>()

  const answer = (request: IncomingMessage, response: ServerResponse) => {
    note(request)
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const { port } = server.address() as AddressInfo
    const text = proofText(instanceId, port, url.searchParams.get('nonce') ?? '')
    const proof = createHmac('sha256', odd.proofKey ?? token)
      .update(text)
      .digest('hex')
    response.writeHead(odd.status ?? 200, { 'content-type': 'application/json' })
    response.end(odd.body ?? JSON.stringify(url.pathname === '/health' ? { proof } : summaryOf(instanceId, odd)))
  }
  const note = (request: IncomingMessage) => {
    if (request.headers.authorization === `Bearer ${token}`) {
      authorized.push(`${request.method} ${request.url}`)
      windows.push(request.headers[windowHeader]?.toString())
    }
  }
  const server = createServer(answer)
  const feed = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    note(request)
    feed.handleUpgrade(request, socket, head, (accepted) => {
      sockets.add(accepted)
      accepted.on('message', (data: Buffer) => {
        hellos.push(JSON.parse(data.toString('utf8')))
        const contract = odd.contract ?? CONTRACT_VERSION
        accepted.send(JSON.stringify({ type: 'hello', contract, version: '0.1.0', instance_id: instanceId }))
        accepted.send(JSON.stringify({ type: 'summary', seq: 0, summary: summaryOf(instanceId, odd) }))
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const discovery: Discovery = {
    pid: process.pid,
    port,
    token,
    instanceId,
    version: '0.1.0',
    contract: { min: 1, max: 1 },
    startedAt: new Date(0).toISOString(),
  }
  const file = join(home, 'daemon.json')
  await writeFile(file, JSON.stringify(discovery))

  const kill = async () => {
    for (const socket of sockets) socket.terminate()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return {
    discovery,
    authorized,
    windows,
    hellos,
    tell: (message) => {
      for (const socket of sockets) socket.send(JSON.stringify(message))
    },
    kill,
    async stop() {
      await rm(file, { force: true })
      await kill()
    },
  }
}

function summaryOf(instanceId: string, shown: { standing?: Standing; limits?: LimitRow[] }) {
  return {
    ...(shown.standing ?? standing()),
    instance_id: instanceId,
    version: '0.1.0',
    at: new Date(0).toISOString(),
    url: 'http://127.0.0.1:0',
    time_zone: 'UTC',
    all_time: totals(),
    limits: shown.limits ?? [],
    budgets: [],
    recent: [],
    warnings: [],
    history: { from: null, segments: 0, bytes: 0, dropped: 0 },
  }
}
