/** Both ends of HTTP as plain sockets, for bytes that no library would write. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** Answers each request with raw bytes, and keeps what it was sent. */
export type RawProvider = { server: Server; url: string; requests: string[]; play(socket: Socket): void }

export async function startRawProvider(): Promise<RawProvider> {
  const server = createServer((socket) => {
    let got = ''
    // who hangs up on it is seen by the test
    socket.on('error', () => socket.destroy())
    socket.on('data', (bytes) => {
      got += bytes.toString('latin1')
      const head = got.indexOf('\r\n\r\n')
      const length = Number(/content-length: (\d+)/i.exec(got)?.[1] ?? 0)
      if (head < 0 || got.length < head + 4 + length) return
      provider.requests.push(got)
      got = ''
      provider.play(socket)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider: RawProvider = { server, url, requests: [], play: (socket) => socket.destroy() }
  return provider
}

/** Writes raw bytes; gives what came until the connection closed or `until` was in it. */
export function rawAsk(
  port: number,
  text: string,
  until = '\0never',
  then?: (socket: Socket, got: string) => void,
): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.from(text, 'latin1')))
    let got = ''
    socket.on('data', (bytes) => {
      got += bytes.toString('latin1')
      then?.(socket, got)
      if (got.includes(until)) socket.destroy()
    })
    // a reset is an end too
    socket.on('error', () => socket.destroy())
    socket.on('close', () => resolve(got))
  })
}
