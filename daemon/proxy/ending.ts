/** How an exchange ended: what is written down of it, and how a client learns that there is no more. */
import type { ServerResponse } from 'node:http'
import type { UpstreamReply } from '../upstream/send.ts'
import type { Ending } from './attempt.ts'
import type { Tap } from './tap.ts'

/** What the transport says. The reading may know better: an error inside a 200, a stream without its last event. */
export type Transport = 'ok' | 'aborted' | 'truncated'

type Exchange = { reply: UpstreamReply; tap: Tap; streams: boolean }

export function endingOf({ reply, tap, streams }: Exchange, transport: Transport, error: string | null): Ending {
  const { status } = reply
  const reading = tap.reading()
  const { estimateOutput } = tap
  if (reading.error || status >= 300) {
    const words = reading.error ? wordsOf(reading.error) : (error ?? `HTTP ${status}`)
    return { outcome: 'refused', status, reading, estimateOutput, error: words }
  }
  // a client that leaves with all of the answer in its hands did not break it off
  const hasAll = transport === 'aborted' && streams && reading.complete && reading.outputReported
  if (transport !== 'ok' && !hasAll) return { outcome: transport, status, reading, estimateOutput, error }
  if (streams && !reading.complete) {
    const words = 'the stream ended before its last event'
    return { outcome: 'truncated', status, reading, estimateOutput, error: words }
  }
  return { outcome: 'ok', status, reading, estimateOutput, error: null }
}

/** `invalid_api_key:` would have the next word taken for a key, and taken out. */
function wordsOf({ code, message }: { code: string; message: string }): string {
  return /key$/i.test(code) ? `${message} (${code})` : `${code}: ${message}`
}

/** One answer without a length and not in chunks: only its JSON tells all of it from half (RFC 9112 section 6.3). */
export function isCut({ reply, tap, streams }: Exchange): boolean {
  if (streams || reply.header('content-length') !== undefined || reply.header('transfer-encoding') !== undefined)
    return false
  const plain = reply.header('content-encoding') === undefined
  return plain && /\bjson\b/i.test(reply.header('content-type') ?? '') && !tap.reading().complete
}

/** Ends the connection so that nobody takes what came for all of it; what was written before still goes out. */
export function breakOff(response: ServerResponse): void {
  const { socket } = response
  // behind an earlier answer on the same connection (pipelining), it breaks as soon as its turn comes
  if (socket === null) response.destroy()
  // HTTP/1.0 knows no end but the connection's: only a reset tells it from a whole answer
  else if (response.req.httpVersion === '1.0') socket.resetAndDestroy()
  else socket.destroySoon()
}
