/** Says no to an upgrade: the socket has no response object, so the reply is written whole. */
import type { Duplex } from 'node:stream'
import { ulid } from 'ulid'
import type { ErrorCode } from '../../shared/contract/error.ts'
import { rawErrorReply } from '../../shared/contract/error.ts'

/** Whoever stays on the line longer than this is hung up on. */
const lingerMs = 5000

/** `delayMs` keeps whoever guesses keys waiting. */
export function refuseUpgrade(socket: Duplex, code: ErrorCode, detail: string, now: number, delayMs = 0): void {
  // the client may hang up while it waits: nothing is left to be said then
  socket.on('error', () => socket.destroy())
  setTimeout(() => socket.end(rawErrorReply(code, detail, `req_${ulid(now)}`, now)), delayMs).unref()
  // what was sent behind it is read past: nobody would see that the far side hangs up
  socket.resume()
  setTimeout(() => socket.destroy(), delayMs + lingerMs).unref()
}
