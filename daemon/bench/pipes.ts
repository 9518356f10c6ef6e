/** What the daemon is measured against: the least that a proxy in Node can do, once with node:http, once with undici. */
import { Agent, createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { Pool } from 'undici'
import { portOf } from './upstream.ts'

export type PipeKind = 'node:http' | 'undici'

/** Runs until it is killed; `listening` is told the port. */
export function servePipe(kind: PipeKind, upstreamPort: number, listening: (port: number) => void): void {
  const server = createServer(kind === 'undici' ? throughUndici(upstreamPort) : throughHttp(upstreamPort))
  server.keepAliveTimeout = 120_000
  server.listen(0, '127.0.0.1', () => listening(portOf(server.address())))
}

type Handle = (request: IncomingMessage, response: ServerResponse) => void

function throughHttp(port: number): Handle {
  const agent = new Agent({ keepAlive: true })
  return (request, response) => {
    const onward = httpRequest(
      { agent, host: '127.0.0.1', port, path: request.url, method: request.method, headers: request.headers },
      (reply) => {
        response.writeHead(reply.statusCode ?? 502, reply.rawHeaders)
        reply.pipe(response)
      },
    )
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  }
}

function throughUndici(port: number): Handle {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 256, pipelining: 1 })
  return (request, response) => {
    const body: Buffer[] = []
    request.on('data', (chunk: Buffer) => body.push(chunk))
    request.on('end', () => {
      pool.dispatch(
        {
          path: request.url ?? '/',
          method: 'POST',
          headers: withoutHop(request.rawHeaders),
          body: Buffer.concat(body),
        },
        {
          onRequestStart: () => {},
          onResponseStart: (controller, status, headers) => {
            response.writeHead(status, withoutConnection(headers))
            response.on('drain', () => controller.resume())
          },
          onResponseData: (controller, chunk) => {
            if (!response.write(chunk)) controller.pause()
          },
          onResponseEnd: () => void response.end(),
          onResponseError: () => void response.destroy(),
        },
      )
    })
  }
}

function withoutHop(raw: string[]): string[] {
  const kept: string[] = []
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? ''
    if (!/^(connection|keep-alive|transfer-encoding|host)$/i.test(name)) kept.push(name, raw[i + 1] ?? '')
  }
  return kept
}

function withoutConnection(headers: Record<string, string | string[] | undefined>): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !/^(connection|keep-alive|transfer-encoding)$/.test(name)) kept[name] = value
  }
  return kept
}
