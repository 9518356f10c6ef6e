/** Who is at the other end of a connection: this machine or another. */
import type { IncomingMessage } from 'node:http'

/** A proxy in front of us connects from loopback on another's behalf: what it forwards is remote. */
const forwarding = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'] as const

export function isLoopbackPeer(req: IncomingMessage): boolean {
  if (forwarding.some((name) => req.headers[name] !== undefined)) return false
  const address = req.socket.remoteAddress ?? ''
  return address === '::1' || /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(address)
}
