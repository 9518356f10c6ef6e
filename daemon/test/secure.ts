/** For tests: a TLS server with a certificate that only tests trust, and an HTTP proxy that opens connections with CONNECT. */
import { readFileSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { type AddressInfo, connect, type Server, type Socket } from 'node:net'
import { join, resolve } from 'node:path'

const fixtures = join('daemon', 'test', 'fixtures')
export const certificatePath = resolve(fixtures, 'test-only-certificate.pem')
/** The certificate is for this name, for localhost and for 127.0.0.1. */
export const secureName = 'llm.example.test'

async function listening(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return (server.address() as AddressInfo).port
}

function closing(server: Server): () => Promise<void> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  return () =>
    new Promise((done) => {
      server.close(() => done())
      for (const socket of sockets) socket.destroy()
    })
}

/** Answers every request with `body`, as JSON. */
export async function startSecure(body: string) {
  const seen: { path: string; rawHeaders: string[] }[] = []
  const server = createHttps(
    { key: readFileSync(join(fixtures, 'test-only-key.pem')), cert: readFileSync(certificatePath) },
    (request, response) => {
      seen.push({ path: request.url ?? '', rawHeaders: request.rawHeaders })
      request.resume()
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(body)
    },
  )
  const close = closing(server)
  return { port: await listening(server), seen, close }
}

/** Every name it is asked for it takes for `127.0.0.1` with the port `to`. `status` other than 200: it refuses. */
export async function startProxy(to: number, status = 200) {
  const asked: { target: string; authorization: string | undefined }[] = []
  const server = createHttp((_request, response) => response.writeHead(400).end())
  server.on('connect', (request, client: Socket, head: Buffer) => {
    asked.push({ target: request.url ?? '', authorization: request.headers['proxy-authorization'] })
    client.on('error', () => client.destroy())
    if (status !== 200) return client.end(`HTTP/1.1 ${status} No\r\n\r\n`)
    const far = connect(to, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      if (head.length > 0) far.write(head)
      far.pipe(client)
      client.pipe(far)
    })
    far.on('error', () => client.destroy())
    return undefined
  })
  const close = closing(server)
  return { port: await listening(server), asked, close }
}
