/** Hands a request's body on as it comes, without holding it. */
import type { IncomingMessage } from 'node:http'
import { PassThrough, type Readable } from 'node:stream'

/**
 * null: there is none. A body that does not come on for `stallMs` although it is wanted breaks off. Whoever reads it may
 * destroy it, which leaves the request alone: its connection still has an answer to carry.
 */
export function openStreamedBody(request: IncomingMessage, stallMs: number): Readable | null {
  const { 'content-length': length, 'transfer-encoding': chunked } = request.headers
  if (chunked === undefined && (length === undefined || Number(length) === 0)) return null
  const through = new PassThrough()
  // whoever reads it hears of it too; where nobody does any more, its provider could not be reached say, there is nobody to tell
  through.on('error', () => {})
  let cameAt = performance.now()
  const look = setInterval(() => {
    if (through.writableNeedDrain) cameAt = performance.now()
    else if (performance.now() - cameAt > stallMs) through.destroy(new Error('the request body stopped coming'))
  }, stallMs / 12).unref()
  request.on('data', () => {
    cameAt = performance.now()
  })
  request.once('end', () => clearInterval(look))
  request.once('close', () => {
    if (!request.complete) through.destroy(new Error('the client left'))
  })
  request.pipe(through)
  through.once('close', () => {
    clearInterval(look)
    // what nobody takes any more is read past, so that the answer can be followed by another request
    request.unpipe(through)
    request.resume()
  })
  return through
}
