/** Says no to an upgrade in the API's error shape: the socket has no response object, so the head is written by hand. */
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { ulid } from 'ulid'
import type { ApiError, ErrorCode } from '../../shared/contract/error.ts'
import { errorStatus } from '../../shared/contract/error.ts'

/** `delayMs` keeps whoever guesses keys waiting. */
export function refuseUpgrade(socket: Duplex, code: ErrorCode, detail: string, now: number, delayMs = 0): void {
  const status = errorStatus[code]
  const title = STATUS_CODES[status] ?? code
  const error: ApiError = {
    error: title,
    detail,
    status_code: status,
    timestamp: new Date(now).toISOString(),
    request_id: `req_${ulid(now)}`,
    context: { code },
  }
  const body = JSON.stringify(error)
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    'connection: close',
  ]
  // the client may hang up while it waits: nothing is left to be said then
  socket.on('error', () => socket.destroy())
  setTimeout(() => socket.end(`${head.join('\r\n')}\r\n\r\n${body}`), delayMs).unref()
}
