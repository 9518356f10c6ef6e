/** Listens on both loopback addresses at one port, with limits of our own, and answers what is not HTTP in plain words. */
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ErrorCode } from '../shared/contract/error.ts'
import { mostHeaderBytes } from './proxy/guard.ts'

type Asked = { method: string; target: string }

export type Listeners = {
  request(request: IncomingMessage, response: ServerResponse): void
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** The whole reply to what cannot be read as a request. `asked`: its first line, where that could. */
  unreadable(code: ErrorCode, detail: string, asked: Asked | undefined): string
}

export type Listening =
  | { kind: 'listening'; port: number; close(): Promise<void>; closeIdle(): void }
  /** Another program has the port. */
  | { kind: 'in-use'; port: number }
  | { kind: 'failed'; why: string }

/** `port` 0 takes any free one. Both 127.0.0.1 and ::1, so that nobody else can answer for `localhost`. */
export async function listen(port: number, listeners: Listeners): Promise<Listening> {
  // a free port of one address may be taken on the other: then another one is as good
  for (let tries = 0; tries < 5; tries++) {
    const four = server(listeners)
    const first = await listening(four, '127.0.0.1', port)
    if (first !== null) return failureOf(first, port)
    const taken = (four.address() as AddressInfo).port
    const six = server(listeners)
    const second = await listening(six, '::1', taken)
    // a machine without IPv6 has no ::1 that anybody could take
    if (second === null || second === 'EADDRNOTAVAIL' || second === 'EAFNOSUPPORT') {
      const servers = second === null ? [four, six] : [four]
      return {
        kind: 'listening',
        port: taken,
        close: async () => void (await Promise.all(servers.map(closed))),
        closeIdle: () => {
          for (const one of servers) one.closeIdleConnections()
        },
      }
    }
    await closed(four)
    if (port !== 0) return failureOf(second, port)
  }
  return { kind: 'failed', why: 'no port was free on both 127.0.0.1 and ::1' }
}

/** From Node 22.21 and 24.9 on. */
type Choosing = { shouldUpgradeCallback(request: IncomingMessage): boolean }

function server(listeners: Listeners): Server {
  const options: ServerOptions & Choosing = {
    // bodies have a rule of their own (no progress for a minute); slow uploads are fine
    requestTimeout: 0,
    headersTimeout: 60_000,
    keepAliveTimeout: 120_000,
    // the guard refuses from half of it on, in the caller's dialect: past this limit Node tells nothing of what was asked for
    maxHeaderSize: 2 * mostHeaderBytes,
    noDelay: true,
    connectionsCheckingInterval: 5_000,
    // the guard says in plain words what is wrong with a Host, a missing one too
    requireHostHeader: false,
    shouldUpgradeCallback: isForWebSocket,
  }
  const one = createServer(options)
  // by default those behind the 2,000th are dropped without a word; their bytes have a limit already
  one.maxHeadersCount = 0
  one.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (response.socket === null) waitTurn(request.socket, response)
    listeners.request(request, response)
  })
  one.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (isForWebSocket(request)) listeners.upgrade(request, socket, head)
    else readAgain(one, request, socket, head)
  })
  // whoever took our address for that of an HTTP proxy, in HTTPS_PROXY say
  one.on('connect', (_: IncomingMessage, socket: Duplex) =>
    endWith(socket, listeners.unreadable('unknown_route', noTunnel, undefined)),
  )
  one.on('clientError', (error: Unreadable, socket) => sayNotHttp(error, socket, listeners))
  return one
}

/**
 * RFC 9112 section 9.3.2: a client may send on before it has its answer, and the answer to that waits for its turn. Nodes differ in what
 * they do about one meanwhile: up to 22 it never hears that the client left, from 24 on one that was broken off holds up the connection.
 */
function waitTurn(socket: Socket, response: ServerResponse): void {
  const left = () => {
    response.destroy()
    // behind what Node itself may say of it
    process.nextTick(() => {
      if (!response.closed) response.emit('close')
    })
  }
  // a client sends as many ahead as it likes
  socket.setMaxListeners(0)
  socket.once('close', left)
  response.once('socket', () => {
    socket.off('close', left)
    if (response.destroyed) socket.destroy()
  })
}

function isForWebSocket({ headers }: IncomingMessage): boolean {
  return /\bwebsocket\b/i.test(headers.upgrade ?? '')
}

const upgradeHeaders = new Set(['connection', 'upgrade', 'http2-settings'])

/**
 * RFC 9110 section 7.8: whoever offers a protocol that is not known here (Java's client offers h2c with every request) gets an
 * ordinary answer. A Node that cannot be told so has let go of the socket by then: the request is put back without the offer and
 * read anew.
 */
function readAgain(one: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request
  let text = `${method} ${url} HTTP/${httpVersion}\r\n`
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (!upgradeHeaders.has((rawHeaders[i] as string).toLowerCase()))
      text += `${rawHeaders[i]}: ${rawHeaders[i + 1]}\r\n`
  }
  socket.unshift(Buffer.concat([Buffer.from(`${text}\r\n`, 'latin1'), head]))
  one.emit('connection', socket)
}

function listening(one: Server, host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message)
    one.once('error', failed)
    one.listen({ port, host, exclusive: true }, () => {
      one.off('error', failed)
      // a connection that could not be taken, for want of file descriptors say: its client sees it, the next one may do better
      one.on('error', () => {})
      resolve(null)
    })
  })
}

function failureOf(code: string, port: number): Listening {
  if (code === 'EADDRINUSE') return { kind: 'in-use', port }
  return { kind: 'failed', why: code === 'EACCES' ? `this user may not listen on port ${port}` : code }
}

function closed(one: Server): Promise<void> {
  return new Promise((resolve) => {
    one.close(() => resolve())
    one.closeAllConnections()
  })
}

/** Whoever stays on the line longer than this is hung up on. */
const lingerMs = 5000

/** `rawPacket`: the bytes that Node's parser stopped in. */
type Unreadable = Error & { code?: string; rawPacket?: Buffer }

/** undefined where the request did not begin in these bytes. */
function askedIn(packet: Buffer | undefined): Asked | undefined {
  const [, method, target] = /^([A-Z]+) (\/\S*) HTTP\/1\.[01]\r?\n/.exec(packet?.toString('latin1') ?? '') ?? []
  return method === undefined || target === undefined ? undefined : { method, target }
}

/** RFC 9112 section 6.3: a request with both lengths, and whatever else is not HTTP, is answered and cut. */
function sayNotHttp(error: Unreadable, socket: Duplex, listeners: Listeners): void {
  // Node keeps the answer under way here: an error reply behind its head would read as a part of its body
  const { _httpMessage: answer } = socket as Duplex & { _httpMessage?: ServerResponse | null }
  if (!socket.writable || error.code === 'ECONNRESET' || answer?.headersSent) {
    socket.destroy()
    return
  }
  const [code, detail] = meaningOf(error)
  endWith(socket, listeners.unreadable(code, detail, askedIn(error.rawPacket)))
}

const noTunnel =
  'Tollkeeper opens no tunnels, it is no HTTP proxy: give its address to the assistant as base URL ("tollkeeper env claude", say, prints how), and take it out of HTTPS_PROXY.'

function endWith(socket: Duplex, reply: string): void {
  // the far side may have gone already; nobody is left to be told
  socket.on('error', () => socket.destroy())
  socket.end(reply)
  // a socket whose body nobody reads any more would never see that the far side hangs up
  setTimeout(() => socket.destroy(), lingerMs).unref()
}

function meaningOf(error: Unreadable): [ErrorCode, string] {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return ['headers_too_large', `The request headers are over the limit of ${mostHeaderBytes / 1024} KiB.`]
    case 'HPE_INVALID_CONTENT_LENGTH':
    case 'HPE_UNEXPECTED_CONTENT_LENGTH':
    case 'HPE_INVALID_TRANSFER_ENCODING':
      return [
        'conflicting_lengths',
        'The request gives its length twice or in a way that cannot be trusted: send either Content-Length or Transfer-Encoding, once.',
      ]
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return ['bad_request', 'The request head did not come within 60 s.']
    default:
      return ['bad_request', `This is not a valid HTTP/1.1 request (${error.message}).`]
  }
}
