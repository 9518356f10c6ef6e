/** A real HTTP server on loopback that plays what a provider sends, byte for byte, and reports what reached it. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'

export type ReceivedRequest = {
  method: string
  /** With its query, as it came. */
  path: string
  /** Names and values in turn, with their case and order. */
  rawHeaders: string[]
  headers: IncomingMessage['headers']
  body: Buffer
  /** When (epoch ms) the client went away before the play was over. */
  abortedAt?: number
}

type Wait = number | Promise<unknown>

/** How one request is answered. */
export type Play = {
  status?: number
  /** Pairs, written with their case and order; `content-length` is not added to a body in chunks. */
  headers?: readonly (readonly [string, string])[]
  /** One piece, or several that are written one by one. */
  body?: string | Uint8Array | readonly (string | Uint8Array)[]
  /** Compresses the body as a whole before it is cut, and says so. Several pieces are then one. */
  encoding?: 'gzip' | 'br' | 'deflate'
  /** Cuts the body, after compressing, into pieces of this many bytes. */
  pieces?: number
  /** Milliseconds before the head, or what it waits for. */
  headAfter?: Wait
  /** The same between two pieces. */
  between?: Wait
  /** Destroys the socket after this many body bytes. */
  cutAfter?: number
  /** Never answers. */
  silent?: boolean
  /** Leaves the reply open after its last byte. */
  open?: boolean
}

export type Plays = Play | ((request: ReceivedRequest, index: number) => Play)

export type Upstream = {
  url: string
  /** In the order in which their bodies were complete, or broken off. */
  requests: ReceivedRequest[]
  /** What the next requests are answered with, one each; the last one goes on for all that follow. */
  script(...plays: Plays[]): void
  /** Settles as soon as `n` requests have arrived. */
  arrived(n: number): Promise<void>
  /** Settles as soon as a client went away from a request that was not over. */
  aborted(n: number): Promise<void>
  close(): Promise<void>
}

/** Replies whose socket a play destroyed: their client did not leave. */
const cutByPlay = new WeakSet<ServerResponse>()

export async function startUpstream(): Promise<Upstream> {
  const requests: ReceivedRequest[] = []
  const sockets = new Set<Socket>()
  let waiting: { isThere: () => boolean; tell: () => void }[] = []
  let plays: Plays[] = [{ status: 404, body: '{"error":{"message":"no play was scripted"}}' }]

  function tell(): void {
    for (const one of waiting) if (one.isThere()) one.tell()
    waiting = waiting.filter((one) => !one.isThere())
  }

  function until(isThere: () => boolean): Promise<void> {
    return isThere() ? Promise.resolve() : new Promise((resolve) => waiting.push({ isThere, tell: resolve }))
  }

  async function answer(message: IncomingMessage, reply: ServerResponse): Promise<void> {
    const request: ReceivedRequest = {
      method: message.method ?? '',
      path: message.url ?? '',
      rawHeaders: message.rawHeaders,
      headers: message.headers,
      body: Buffer.alloc(0),
    }
    const gone = new AbortController()
    reply.on('close', () => {
      if (!reply.writableFinished && !cutByPlay.has(reply)) request.abortedAt = Date.now()
      gone.abort()
      tell()
    })
    const parts: Buffer[] = []
    try {
      for await (const part of message) parts.push(part as Buffer)
    } finally {
      // An upload that was broken off is reported too, with what came of it.
      request.body = Buffer.concat(parts)
      requests.push(request)
      tell()
    }
    const next = plays.length > 1 ? plays.shift() : plays[0]
    const play = typeof next === 'function' ? next(request, requests.length - 1) : (next ?? {})
    await perform(play, reply, gone.signal)
  }

  const server = createServer((message, reply) => {
    // A client that leaves while it sends or is sent to ends the play: that is reported as abortedAt.
    answer(message, reply).catch(() => reply.destroy())
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    script: (...next) => {
      plays = next
    },
    arrived: (n) => until(() => requests.length >= n),
    aborted: (n) => until(() => requests.filter((request) => request.abortedAt !== undefined).length >= n),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

async function perform(play: Play, reply: ServerResponse, gone: AbortSignal): Promise<void> {
  if (play.headAfter !== undefined) await over(play.headAfter, gone)
  if (play.silent === true) return
  const pieces = piecesOf(play)
  const headers = (play.headers ?? [['content-type', 'application/json']]).flat()
  if (play.encoding !== undefined) headers.push('content-encoding', play.encoding)
  reply.writeHead(play.status ?? 200, headers)
  reply.flushHeaders()
  let left = play.cutAfter ?? Infinity
  for (const [index, piece] of pieces.entries()) {
    if (index > 0 && play.between !== undefined) await over(play.between, gone)
    const part = piece.subarray(0, left)
    if (part.length > 0) await written(reply, part)
    left -= part.length
    if (left <= 0) break
  }
  if (play.cutAfter !== undefined) cut(reply)
  else if (play.open !== true) reply.end()
}

async function over(wait: Wait, gone: AbortSignal): Promise<unknown> {
  return typeof wait === 'number' ? await pause(wait, undefined, { signal: gone }) : await wait
}

/** On the way before the next one is written, so that it is likely to arrive as a piece of its own. */
function written(reply: ServerResponse, piece: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => reply.write(piece, (fault) => (fault ? reject(fault) : resolve())))
}

function cut(reply: ServerResponse): void {
  cutByPlay.add(reply)
  reply.socket?.destroy()
}

const compressors = { gzip: gzipSync, br: brotliCompressSync, deflate: deflateSync }

function piecesOf(play: Play): Uint8Array[] {
  const given = play.body ?? ''
  const parts = typeof given === 'string' || given instanceof Uint8Array ? [given] : given
  const raw = parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))
  const whole = play.encoding === undefined ? raw : [compressors[play.encoding](Buffer.concat(raw))]
  const size = play.pieces
  if (size === undefined) return whole
  const joined = Buffer.concat(whole)
  return Array.from({ length: Math.ceil(joined.length / size) }, (_, i) => joined.subarray(i * size, (i + 1) * size))
}
