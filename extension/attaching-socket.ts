/** A socket to the feed that first finds the daemon and has it prove itself; to its user it is one that takes a little longer. */
import { WebSocket } from 'ws'
import type { FeedSocket } from '../shared/feed-client.ts'
import type { Daemon, Found } from './daemon-attach.ts'

type Listener = Parameters<FeedSocket['addEventListener']>[1]
type Kind = Parameters<FeedSocket['addEventListener']>[0]

const messageAtMost = 16 * 1024 * 1024

export function attachingSocket(find: () => Promise<Found>, found: (found: Found) => void): FeedSocket {
  const listeners: { kind: Kind; listener: Listener }[] = []
  let socket: WebSocket | undefined
  let closed = false

  const attach = (result: Found) => {
    found(result)
    if (closed) return
    if (result.kind === 'absent') {
      for (const { kind, listener } of listeners) if (kind === 'close') listener({ type: 'close' })
      return
    }
    socket = feedOf(result.daemon)
    for (const { kind, listener } of listeners) listen(socket, kind, listener)
  }
  void find().then(attach, (error: unknown) => attach({ kind: 'absent', why: String(error) }))

  return {
    addEventListener(kind, listener) {
      listeners.push({ kind, listener })
      if (socket !== undefined) listen(socket, kind, listener)
    },
    send: (text) => socket?.send(text),
    close() {
      closed = true
      socket?.close()
    },
  }
}

function feedOf(daemon: Daemon): WebSocket {
  const socket = new WebSocket(`${daemon.url.replace(/^http/, 'ws')}/api/v1/feed`, {
    headers: { authorization: `Bearer ${daemon.discovery.token}` },
    handshakeTimeout: 3000,
    maxPayload: messageAtMost,
    perMessageDeflate: false,
  })
  // closing one that is still connecting tells an error after its user has turned away: nobody else would take it
  socket.on('error', () => {})
  return socket
}

function listen(socket: WebSocket, kind: Kind, listener: Listener): void {
  switch (kind) {
    case 'message':
      socket.on('message', (data) => listener({ type: 'message', data: textOf(data) }))
      return
    case 'open':
    case 'close':
    case 'error':
      socket.on(kind, () => listener({ type: kind }))
  }
}

/** A text message comes as one Buffer, unless another `binaryType` was asked for. */
function textOf(data: unknown): string | undefined {
  return Buffer.isBuffer(data) ? data.toString('utf8') : undefined
}
