/** Sends one alert to one address: where that may be is looked at as the connection is made, and no redirect is followed. */
import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import { type LookupFor, type Network, openAgents } from '../upstream/agent.ts'
import { mayBeCalled } from './address.ts'

export type Posted =
  | { kind: 'answered'; status: number }
  | { kind: 'failed'; error: string }
  /** It is not where a webhook may be. */
  | { kind: 'not-allowed'; error: string }

export type Resolve = (
  name: string,
  options: LookupAllOptions,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

export type Posting = {
  /** Never rejects. */
  post(url: URL, headers: Record<string, string>, body: string): Promise<Posted>
  /** Cuts whatever still runs. */
  close(): Promise<void>
}

export type PostingOptions = {
  network: () => Network
  resolve?: Resolve | undefined
  /** For all of it, up to the answer's head. */
  timeoutMs?: number | undefined
}

const usualTimeoutMs = 10_000
/** Nobody reads what it says; so much of it lets the connection be used again. */
const mostReplyBytes = 16 * 1024
const mostErrorLength = 200
const notAllowedCode = 'ERR_ADDRESS_NOT_ALLOWED'

export function openPosting({ network, resolve = lookup, timeoutMs = usualTimeoutMs }: PostingOptions): Posting {
  const agents = openAgents(network, checkedLookup(resolve))

  return {
    async post(url, headers, body) {
      const bad = literalFault(url)
      if (bad !== undefined) return { kind: 'not-allowed', error: bad }
      const signal = AbortSignal.timeout(timeoutMs)
      try {
        const reply = await agents.agentFor(timeoutMs).request({
          origin: url.origin,
          path: `${url.pathname}${url.search}`,
          method: 'POST',
          headers,
          body,
          signal,
        })
        // the head has said all; a body that does not end is cut by size or by the same time
        reply.body.dump({ limit: mostReplyBytes, signal }).catch(() => {})
        return { kind: 'answered', status: reply.statusCode }
      } catch (error) {
        return failureOf(error, signal.aborted ? timeoutMs : null)
      }
    },
    close: agents.close,
  }
}

/** A name is looked up once a connection, and that very answer is used: it cannot say one thing to us and another to the socket. */
function checkedLookup(resolve: Resolve): LookupFor {
  return (scheme): LookupFunction =>
    (name, options, done) =>
      resolve(name, { ...options, all: true }, (error, addresses) => {
        const [first] = addresses ?? []
        if (error || !first) return done(error ?? new Error(`${name} has no address`), '', 0)
        const bad = addresses.find(({ address }) => !mayBeCalled(scheme, address))
        if (bad) return done(notAllowed(scheme, `${name} is at ${bad.address}`), '', 0)
        return options.all ? done(null, addresses) : done(null, first.address, first.family)
      })
}

/** An address that needs no looking up; undefined: it may be called, or is a name. */
function literalFault(url: URL): string | undefined {
  const scheme = url.protocol === 'https:' ? 'https' : 'http'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) === 0 || mayBeCalled(scheme, host)) return undefined
  return notAllowed(scheme, 'it is').message
}

function notAllowed(scheme: 'http' | 'https', where: string): NodeJS.ErrnoException {
  const may = scheme === 'http' ? 'beyond this machine, where only https may go' : 'where no webhook may be'
  return Object.assign(new Error(`${where} ${may}`), { code: notAllowedCode })
}

function failureOf(error: unknown, timedOutMs: number | null): Posted {
  if (timedOutMs !== null) return { kind: 'failed', error: `no answer within ${timedOutMs / 1000} s` }
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error
  const code = inner instanceof Error && 'code' in inner ? String(inner.code) : ''
  const said = inner instanceof Error ? inner.message || code : String(inner)
  const text = said.slice(0, mostErrorLength)
  return code === notAllowedCode ? { kind: 'not-allowed', error: text } : { kind: 'failed', error: text }
}
