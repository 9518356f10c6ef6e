/** Sends one request to a provider over HTTP/1.1 and hands its reply back as raw headers and unchanged bytes. */
import type { Readable } from 'node:stream'
import type { Agent, Dispatcher } from 'undici'
import { directNetwork, type Network, openAgents } from './agent.ts'
import { rawPairs } from './headers.ts'
import { proxyFault } from './tunnel.ts'

export type UpstreamRequest = {
  /** Scheme, host and port: `https://api.openai.com`. */
  origin: string
  /** Path and query, as they go on the wire. */
  path: string
  method: string
  /** Name, value, name, value … */
  headers: string[]
  /** A stream goes on as it comes. */
  body: Uint8Array | Readable | null
  /** Where they are other than the usual ones. */
  timeouts?: Partial<UpstreamTimeouts> | undefined
  /** Called once a connection is there, just before the first byte goes. */
  beforeSending(): void
}

/** Whoever takes a reply's bytes. Exactly one of `end` and `broken` follows, once. */
export type Sink = { data(chunk: Buffer): void; end(): void; broken(why: UpstreamFailure): void }

export type UpstreamReply = {
  kind: 'reply'
  status: number
  statusText: string
  /** Name, value, name, value … as they came. */
  rawHeaders: string[]
  /** The first value of a header, by its lower-case name. */
  header(name: string): string | undefined
  /** Of all headers, in small letters. */
  headerNames(): string[]
  /** All its bytes, where they came with its head and nobody has taken them yet; else null. */
  whole(): readonly Buffer[] | null
  /** Bytes start to flow; those that came already come first. */
  drainTo(sink: Sink): void
  pause(): void
  resume(): void
}

/** Why there is no reply, or no more of one. `reason` is one of few words; `detail` is for people. */
export type UpstreamFailure = {
  kind: 'failure'
  reason: 'connect' | 'timeout' | 'reset' | 'bad-reply' | 'aborted'
  detail: string
}

export type Sending = { reply: Promise<UpstreamReply | UpstreamFailure>; abort(): void }
export type Upstream = { send(request: UpstreamRequest): Sending; close(): Promise<void> }

export type UpstreamTimeouts = { connectMs: number; headMs: number; silenceMs: number }
export const defaultTimeouts: UpstreamTimeouts = { connectMs: 10_000, headMs: 20 * 60_000, silenceMs: 15 * 60_000 }

/** `network`: how calls leave this machine; asked for each request. */
export function openUpstream(network: () => Network = () => directNetwork): Upstream {
  const agents = openAgents(network)
  return {
    send(request) {
      const timeouts = request.timeouts ? { ...defaultTimeouts, ...request.timeouts } : defaultTimeouts
      return send(agents.agentFor(timeouts.connectMs), request, timeouts)
    },
    close: agents.close,
  }
}

function send(agent: Agent, request: UpstreamRequest, timeouts: UpstreamTimeouts): Sending {
  let controller: Dispatcher.DispatchController | undefined
  let abortWanted = false
  let bodiless = false
  let settle: (outcome: UpstreamReply | UpstreamFailure) => void = () => {}
  const reply = new Promise<UpstreamReply | UpstreamFailure>((resolve) => {
    settle = resolve
  })
  // Bytes may come in the same tick as the head, before whoever awaits the reply can take them.
  let sink: Sink | undefined
  const early: Buffer[] = []
  let over: 'not yet' | 'ended' | UpstreamFailure = 'not yet'
  const ended = (how: 'ended' | UpstreamFailure) => {
    over = how
    if (sink) tellEnd(sink, how)
  }

  agent.dispatch(
    {
      origin: request.origin,
      path: request.path,
      method: request.method,
      headers: request.headers,
      body: request.body,
      headersTimeout: timeouts.headMs,
      bodyTimeout: timeouts.silenceMs,
    },
    {
      onRequestStart(started) {
        controller = started
        if (abortWanted) started.abort(new Error('the client left'))
        else request.beforeSending()
      },
      onResponseStart(started, status, headers, statusText = '') {
        if (status < 200) return
        bodiless = status === 304
        settle({
          kind: 'reply',
          status,
          statusText,
          rawHeaders: rawPairs(started.rawHeaders as Buffer[]),
          header: (name) => first(headers[name]),
          headerNames: () => Object.keys(headers),
          whole: () => (over === 'ended' && sink === undefined ? early : null),
          drainTo: (to) => {
            sink = to
            for (const chunk of early) to.data(chunk)
            early.length = 0
            if (over !== 'not yet') tellEnd(to, over)
          },
          pause: () => started.pause(),
          resume: () => started.resume(),
        })
      },
      onResponseData(_, chunk) {
        if (sink) sink.data(chunk)
        else early.push(chunk)
      },
      onResponseEnd() {
        ended('ended')
      },
      onResponseError(_, error) {
        // RFC 9110 section 8.6: the length that a 304 gives is that of the body it spares
        if (bodiless && 'code' in error && error.code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return ended('ended')
        const failure = failureOf(error, abortWanted)
        settle(failure)
        ended(failure)
      },
    },
  )
  return {
    reply,
    abort: () => {
      abortWanted = true
      controller?.abort(new Error('the client left'))
    },
  }
}

function tellEnd(to: Sink, how: 'ended' | UpstreamFailure): void {
  if (how === 'ended') to.end()
  else to.broken(how)
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}

const connectCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  proxyFault,
])
/** Nobody we trust has signed its certificate: so it is where a company looks into TLS, or a server has its own authority. */
const unknownAuthorityCodes = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])
const timeoutCodes = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'])

function failureOf(error: Error, aborted: boolean): UpstreamFailure {
  if (aborted) return { kind: 'failure', reason: 'aborted', detail: 'the client left' }
  const inner =
    error instanceof AggregateError
      ? (error.errors[0] as Error & { code?: string })
      : (error as Error & { code?: string })
  const code = inner.code ?? ''
  const detail = inner.message || code || 'no reason given'
  if (unknownAuthorityCodes.has(code)) {
    const hint = 'if you trust who signed it, name their certificate as "network.caFile" in config.jsonc'
    return { kind: 'failure', reason: 'connect', detail: `${detail}; ${hint}` }
  }
  if (connectCodes.has(code)) return { kind: 'failure', reason: 'connect', detail }
  if (timeoutCodes.has(code)) return { kind: 'failure', reason: 'timeout', detail }
  // The HTTP parser's own codes all begin so: a status line or header that is none.
  if (code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW')
    return { kind: 'failure', reason: 'bad-reply', detail }
  return { kind: 'failure', reason: 'reset', detail }
}
