/** The feed: every client hears hello, one summary, then each change in order; a message is made once and sent to all. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { WebSocketServer } from 'ws'
import type { Entry } from '../../shared/contract/event.ts'
import type { FeedMessage } from '../../shared/contract/feed.ts'
import { CONTRACT_VERSION, feedSubprotocol } from '../../shared/contract/feed.ts'
import type { LimitRow, Standing } from '../../shared/contract/rows.ts'
import type { Summary } from '../../shared/contract/summary.ts'
import type { Warning } from '../../shared/contract/warning.ts'
import { feedClose, wrongWith } from './client-hello.ts'
import { openGathered } from './gathered.ts'
import { type AlertOf, type Limits, messageOf } from './messages.ts'
import { refuseUpgrade } from './refuse-upgrade.ts'
import { type Listener, takeUpgrade, type UpgradeDeps } from './take-upgrade.ts'

export type FeedDeps = UpgradeDeps & {
  /** Calls `fn` after anything was revoked. */
  watchRevoked(fn: () => void): () => void
  watchEntries(fn: (entry: Entry) => void): () => void
  watchWarnings(fn: () => void): () => void
  warnings(): Warning[]
  summary(): Summary
  standing(): Standing
  limits: Limits
  alertOf: AlertOf
  /** The user's own limits are no entries: calls name the provider whose count has changed, and the row is as it is then. */
  watchCounted(fn: (provider: string) => void): () => void
  countedLimit(provider: string): LimitRow | undefined
  instanceId: string
  version: string
  maxClients?: number
  /** How often a client must give a sign of life. Default 30 s. */
  pingMs?: number
  /** How long imported calls are gathered, and changes of the user's own limits and budgets, before clients are told. Default 1 s. */
  gatherMs?: number
}

export type Feed = {
  /** Takes over an upgrade of `/api/v1/feed` that the guard has let through; answers any other with 404. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void
  /** How many listen. */
  clients(): number
  /** How many were cut so far: by what they left unread, and by giving no sign of life. */
  cut(): { slow: number; silent: number }
  close(): void
}

export const feedPath = '/api/v1/feed'
/** What may wait unsent for one client before it is cut; it comes back to a fresh summary. */
const maxBuffered = 1024 * 1024
const maxHelloBytes = 16 * 1024
const goodbyeMs = 500
const whyCut = { slow: 'it reads too slowly', silent: 'it gave no sign of life' } as const

type Client = { socket: WebSocket; listener: Listener; alive: boolean }

export function openFeed(deps: FeedDeps): Feed {
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: maxHelloBytes,
    // the page value that follows it must not come back in the reply
    handleProtocols: (offered) => (offered.has(feedSubprotocol) ? feedSubprotocol : false),
  })
  const clients = new Set<Client>()
  const cuts = { slow: 0, silent: 0 }
  const maxClients = deps.maxClients ?? 64
  let seq = 0
  // what the lists of all clients hold; the first real call replaces all that the sandbox has shown
  let simulated = false

  const end = (client: Client, code: number, why: string) => {
    clients.delete(client)
    client.socket.close(code, why)
  }
  const cut = (client: Client, why: keyof typeof cuts) => {
    clients.delete(client)
    cuts[why]++
    deps.log.info('A feed client was cut', { client: client.listener.name, why: whyCut[why] })
    client.socket.terminate()
  }
  const send = (client: Client, text: string) => {
    if (client.socket.bufferedAmount > maxBuffered) cut(client, 'slow')
    else client.socket.send(text)
  }
  /** Makes nothing where nobody listens: whoever comes later begins with a summary. */
  const tell = (make: (seq: number) => FeedMessage | undefined) => {
    if (clients.size === 0) return
    const message = make(seq + 1)
    if (!message) return
    seq += 1
    const text = JSON.stringify(message)
    for (const client of clients) send(client, text)
  }

  // thousands come at once: one summary after a pause says what all of them changed
  let importTold: NodeJS.Timeout | undefined
  const tellImported = () => {
    importTold ??= setTimeout(() => {
      importTold = undefined
      tell((n) => {
        const summary = deps.summary()
        simulated = summary.simulated
        return { type: 'summary', seq: n, summary }
      })
    }, deps.gatherMs ?? 1000).unref()
  }

  const counted = openGathered(deps.gatherMs ?? 1000, (provider) =>
    tell((n) => {
      const limit = deps.countedLimit(provider)
      return limit && !simulated ? { type: 'quota', seq: n, limit, standing: deps.standing() } : undefined
    }),
  )

  const budgets = openGathered(deps.gatherMs ?? 1000, () =>
    tell((n) => {
      const rows = deps.limits.budgets()
      return rows.length === 0 ? undefined : { type: 'budget', seq: n, budgets: rows, standing: deps.standing() }
    }),
  )

  const ending = [
    deps.watchCounted(counted.add),
    deps.watchEntries((entry) => {
      if (isImported(entry)) return tellImported()
      if (movesBudgets(entry)) budgets.add('all')
      tell((n) => {
        const standing = deps.standing()
        if (standing.simulated === simulated) return messageOf(entry, n, standing, deps.limits, deps.alertOf)
        simulated = standing.simulated
        return { type: 'summary', seq: n, summary: deps.summary() }
      })
    }),
    deps.watchWarnings(() => tell((n) => ({ type: 'warning', seq: n, warnings: deps.warnings() }))),
    deps.watchRevoked(() => {
      for (const client of clients)
        if (!client.listener.isLive()) end(client, feedClose.revoked, 'this key was revoked')
    }),
  ]

  const pinging = setInterval(() => {
    for (const client of clients) {
      if (!client.alive) cut(client, 'silent')
      else if (!client.listener.isLive()) end(client, feedClose.revoked, 'this key has expired')
      else {
        client.alive = false
        client.socket.ping()
      }
    }
  }, deps.pingMs ?? 30_000)
  pinging.unref()

  const welcome = (socket: WebSocket, listener: Listener) => {
    const client: Client = { socket, listener, alive: true }
    socket.on('pong', () => {
      client.alive = true
    })
    socket.on('message', (data) => {
      client.alive = true
      const wrong = wrongWith(data)
      if (wrong) end(client, wrong.code, wrong.why)
    })
    socket.on('close', () => clients.delete(client))
    // a broken connection is followed by its close, which is all that there is to do
    socket.on('error', (error) =>
      deps.log.debug('A feed client failed', { client: listener.name, error: error.message }),
    )
    const hello: FeedMessage = {
      type: 'hello',
      contract: CONTRACT_VERSION,
      version: deps.version,
      instance_id: deps.instanceId,
    }
    const summary = deps.summary()
    const first: FeedMessage = { type: 'summary', seq, summary }
    socket.send(JSON.stringify(hello))
    socket.send(JSON.stringify(first))
    if (clients.size === 0) simulated = summary.simulated
    clients.add(client)
  }

  return {
    upgrade(req, socket, head) {
      if (req.url?.split('?')[0] !== feedPath) {
        return refuseUpgrade(socket, 'not_found', `Only ${feedPath} speaks WebSocket.`, deps.now())
      }
      takeUpgrade(req, socket, deps, (listener) => {
        if (clients.size < maxClients) {
          return server.handleUpgrade(req, socket, head, (opened) => welcome(opened, listener))
        }
        const detail = `${maxClients} clients listen already, the most there may be. Close a window or a program.`
        refuseUpgrade(socket, 'too_much_held', detail, deps.now())
      })
    },
    clients: () => clients.size,
    cut: () => ({ ...cuts }),
    close() {
      clearInterval(pinging)
      clearTimeout(importTold)
      counted.close()
      budgets.close()
      for (const stop of ending) stop()
      const left = [...clients]
      for (const client of left) end(client, feedClose.goingAway, 'the daemon stops')
      server.close()
      // who does not answer the goodbye must not hold up the stop; ws itself would wait half a minute
      setTimeout(() => left.forEach((client) => client.socket.terminate()), goodbyeMs).unref()
    },
  }
}

function isImported({ e }: Entry): boolean {
  return e.type === 'attempt.ended' && e.imported !== undefined
}

/** The sandbox's calls count in none. */
function movesBudgets({ e }: Entry): boolean {
  return (e.type === 'attempt.started' || e.type === 'attempt.ended') && e.billing !== 'simulated'
}
