/** One HTTP exchange as it really is on the wire: raw headers both ways, the body's bytes, and whether it broke off. */
import { type ClientRequest, type IncomingMessage, request } from 'node:http'

export type Exchange = {
  status: number
  headers: IncomingMessage['headers']
  rawHeaders: string[]
  body: Buffer
  /** The connection died before the reply was complete. */
  broken: boolean
}

export type Asking = {
  method?: string
  headers?: Record<string, string | string[]>
  body?: string | Uint8Array
  /** Called with each piece of the body as it comes; may destroy the request. */
  onData?: (piece: Buffer, sent: ClientRequest) => void
}

export function exchange(url: string, asking: Asking = {}): Promise<Exchange> {
  return new Promise((resolve, reject) => {
    const method = asking.method ?? (asking.body === undefined ? 'GET' : 'POST')
    // the path goes out as it stands: a URL object would take dot segments out of it
    const [, host = '', port = '', path = '/'] = /^http:\/\/(.+):(\d+)(\/.*)?$/.exec(url) ?? []
    const headers = { ...(asking.body === undefined ? {} : { 'content-type': 'application/json' }), ...asking.headers }
    const sent = request(
      {
        host: host.replace(/[[\]]/g, ''),
        port,
        path,
        method,
        headers: { host: `${host}:${port}`, ...headers },
        agent: false,
      },
      (reply) => {
        const pieces: Buffer[] = []
        const done = (broken: boolean) =>
          resolve({
            status: reply.statusCode ?? 0,
            headers: reply.headers,
            rawHeaders: reply.rawHeaders,
            body: Buffer.concat(pieces),
            broken,
          })
        reply.on('data', (piece: Buffer) => {
          pieces.push(piece)
          asking.onData?.(piece, sent)
        })
        reply.on('end', () => done(!reply.complete))
        reply.on('error', () => done(true))
      },
    )
    sent.on('error', reject)
    sent.end(asking.body)
  })
}
