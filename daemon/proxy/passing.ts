/** What the passing of a reply knows of it, and the steps that all ways of passing have in common. */
import type { ServerResponse } from 'node:http'
import { headersDown } from '../upstream/headers.ts'
import type { UpstreamFailure, UpstreamReply } from '../upstream/send.ts'
import type { Attempt } from './attempt.ts'
import type { Tap } from './tap.ts'

export type Passing = {
  reply: UpstreamReply
  response: ServerResponse
  tap: Tap
  /** null: what is passed is not counted (token counts). */
  attempt: Attempt | null
  /** The usage-only chunk may be taken out: then the length that was announced does not hold. */
  mayShorten: boolean
  /** It comes bit by bit; anything else is one answer. */
  streams: boolean
  /** Our own reply headers: name, value, name, value … */
  ownHeaders: string[]
  /** Resolves once the line of the attempt's end stands in the journal. */
  written(): Promise<void>
  /** Stops the upstream. */
  abort(): void
  /** The reply could not be had whole and nothing has been sent yet. */
  failed(why: UpstreamFailure): void
}

export const cutShort: UpstreamFailure = {
  kind: 'failure',
  reason: 'reset',
  detail: 'the connection closed in the middle of the answer',
}

/** Writes the reply's head to the client. false: HTTP does not allow it, and the client was told so instead. */
export function writeHead(passing: Passing, cost: number | null): boolean {
  const { reply, response, attempt } = passing
  const headers = headersDown(reply.rawHeaders, !passing.mayShorten)
  headers.push(...passing.ownHeaders)
  if (cost !== null) headers.push('x-tollkeeper-cost-usd', (cost / 1e9).toFixed(9))
  try {
    response.writeHead(reply.status, reply.statusText, headers)
    return true
  } catch (error) {
    // a status or header that HTTP does not allow (RFC 9110 section 5.5)
    const detail = error instanceof Error ? error.message : String(error)
    attempt?.end({ outcome: 'failed', status: reply.status, reading: null, estimateOutput: null, error: detail })
    passing.abort()
    passing.failed({ kind: 'failure', reason: 'bad-reply', detail })
    return false
  }
}

/** Hands over the last bytes. */
export function endWith(response: ServerResponse, bytes: readonly Uint8Array[]): void {
  for (let at = 0; at < bytes.length - 1; at++) response.write(bytes[at])
  const last = bytes.at(-1)
  if (last === undefined) response.end()
  else response.end(last)
}
