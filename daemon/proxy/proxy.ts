/** The HTTP server's first listener: lets in or turns away, claims the calls, and leaves the rest to the APIs. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Endpoint } from '../../shared/contract/endpoint.ts'
import { type ErrorCode, errorStatus, rawErrorReply } from '../../shared/contract/error.ts'
import type { DialectName } from '../../shared/contract/event.ts'
import { scrub } from '../../shared/scrub.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { inOrder } from '../ledger/recent.ts'
import { cooldownBefore, coolingOf } from '../ledger/views/cooling.ts'
import { clientOf } from './attribution.ts'
import { openBodies } from './body.ts'
import { type GuardRules, guard } from './guard.ts'
import { defaultBounds, type HoldBounds } from './held-reply.ts'
import { type IntakeDeps, takeIn } from './intake.ts'
import { openKeptAnswers } from './kept-answers.ts'
import { openProbes } from './probes.ts'
import { lingerMs, type No, type RefusedAt, rawRefusal, refuse } from './refuse.ts'
import type { RelayDeps } from './relaying.ts'
import { encodedTarget, requestTarget } from './request-target.ts'
import { routesOf } from './routes.ts'

export type ProxyDeps = Omit<
  RelayDeps,
  'refuse' | 'answer' | 'kept' | 'probes' | 'cooling' | 'cooldownBefore' | 'chance' | 'bounds'
> &
  Omit<IntakeDeps, 'relay' | 'bodies' | 'sayNo'> & {
    dialects: readonly Dialect[]
    ledger(): Ledger
    /** undefined: the usual ones. */
    bounds: HoldBounds | undefined
    rules(): GuardRules
    rowOf(method: string, path: string): Endpoint | undefined
    /** The APIs and pages. */
    rest(request: IncomingMessage, response: ServerResponse): void
    /** The feed's upgrade. */
    feed(request: IncomingMessage, socket: Duplex, head: Buffer): void
  }

export type Proxy = {
  handle(request: IncomingMessage, response: ServerResponse): void
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** The reply to what is no request, or none that can be trusted. `asked`: its first line, where that could be read. */
  unreadable(code: ErrorCode, detail: string, asked: { method: string; target: string } | undefined): string
  /** Bytes of request bodies that are held now. */
  held(): number
}

export function openProxy(deps: ProxyDeps): Proxy {
  const routeOf = routesOf(deps.dialects)
  const relay: RelayDeps = {
    ...deps,
    kept: openKeptAnswers(inOrder(deps.ledger().recent.real).map(({ e }) => e)),
    probes: openProbes(),
    cooling: (provider, account, model) => coolingOf(deps.ledger(), provider, account, model, deps.now()),
    cooldownBefore: (provider, account, model) => cooldownBefore(deps.ledger(), provider, account, model, deps.now()),
    chance: Math.random,
    bounds: deps.bounds ?? defaultBounds,
    refuse: (response, call, no, provider) =>
      sayNo(response, call.id, call.dialect, no, {
        endpoint: call.endpoint.path,
        client: call.attribution.client,
        provider,
      }),
    answer: (response, call, no) => refuse(response, call.dialect, no, call.id, deps.now()),
  }
  const bodies = openBodies(deps.bodyLimits)
  const intake: IntakeDeps = { ...deps, relay, bodies, sayNo }

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const method = request.method ?? 'GET'
    const { path: target } = requestTarget(request.url ?? '/')
    const route = routeOf(method, target, preferredBy(request, target))
    const forRest = encodedTarget(target)
    const row = route.kind === 'not-ours' ? deps.rowOf(method, forRest.split('?')[0] as string) : undefined
    const verdict = guard(request, row, deps.rules())
    const dialect = 'dialect' in route ? route.dialect : null
    if (verdict.kind === 'stop') return refuse(response, dialect, verdict, deps.newRequestId(), deps.now())
    if (verdict.kind === 'preflight') return allowOrigin(response, verdict.origin)
    if (verdict.origin !== null) {
      response.setHeader('access-control-allow-origin', verdict.origin)
      response.setHeader('vary', 'origin')
    }
    if (route.kind === 'base') {
      response.writeHead(200, { 'content-length': 0 })
      response.end()
    } else if (route.kind === 'not-ours') {
      // the router finds the row that the guard went by
      request.url = forRest
      deps.rest(request, response)
    } else if (route.kind === 'unknown') {
      sayNo(response, deps.newRequestId(), route.dialect, unknownPath(method, route.path), {
        endpoint: '/*',
        client: clientOf(request),
        provider: null,
      })
    } else {
      takeIn(request, response, route, intake).catch((error: unknown) => failed(response, dialect, error))
    }
  }

  /** A bug of ours in one exchange ends that exchange, and nothing else. */
  function failed(response: ServerResponse, dialect: Dialect | null, error: unknown): void {
    const id = deps.newRequestId()
    deps.log.error('A call failed inside the proxy', { id, error })
    if (response.headersSent) {
      response.destroy()
      return
    }
    const detail = 'Tollkeeper failed on this call; its log says how.'
    refuse(response, dialect, { code: 'internal', detail }, id, deps.now())
  }

  function sayNo(response: ServerResponse, id: string, dialect: Dialect | null, no: No, at: RefusedAt): void {
    if (response.destroyed || response.headersSent) return
    // a path or a name may hold whatever its sender put there
    const detail = scrub(no.detail)
    const provider = at.provider !== null && deps.providers().has(at.provider) ? at.provider : null
    deps.record({
      type: 'call.refused',
      call: id,
      code: no.code,
      status: errorStatus[no.code],
      dialect: dialect?.name ?? null,
      ...at,
      provider,
      ...(no.chain !== undefined && { chain: no.chain }),
      ...(no.skipped && no.skipped.length > 0 && { skipped: [...no.skipped] }),
    })
    deps.log.warn('Refused', { id, code: no.code, detail })
    refuse(response, dialect, { ...no, detail }, id, deps.now())
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const verdict = guard(request, undefined, deps.rules())
    if (verdict.kind === 'stop') return endUpgrade(socket, verdict.code, verdict.detail)
    request.url = requestTarget(request.url ?? '/').path
    const path = request.url.split('?')[0]
    if (path === '/api/v1/feed') return deps.feed(request, socket, head)
    // Codex goes on over POST at once after this status, and only after this one
    if (/\/responses$/.test(path ?? ''))
      return endUpgrade(socket, 'websocket_not_relayed', 'Calls over WebSocket are not relayed; send them over POST.')
    endUpgrade(socket, 'not_found', 'There is no WebSocket at this path; the feed is at /api/v1/feed.')
  }

  function endUpgrade(socket: Duplex, code: ErrorCode, detail: string): void {
    // the far side may have gone already; nobody is left to be told
    socket.on('error', () => socket.destroy())
    socket.end(rawErrorReply(code, detail, deps.newRequestId(), deps.now()))
    // what was sent behind it is read past: nobody would see that the far side hangs up
    socket.resume()
    setTimeout(() => socket.destroy(), lingerMs).unref()
  }

  function unreadable(code: ErrorCode, detail: string, asked: { method: string; target: string } | undefined): string {
    const id = deps.newRequestId()
    deps.log.warn('Refused', { id, code, detail })
    const route = asked && routeOf(asked.method, asked.target)
    const dialect = route && 'dialect' in route ? route.dialect : null
    return rawRefusal(dialect, { code, detail }, id, deps.now())
  }

  return {
    unreadable,
    handle: (request, response) => {
      try {
        handle(request, response)
      } catch (error) {
        failed(response, null, error)
      }
    },
    upgrade: (request, socket, head) => {
      try {
        upgrade(request, socket, head)
      } catch (error) {
        deps.log.error('An upgrade failed inside the proxy', { error: String(error) })
        socket.destroy()
      }
    },
    held: bodies.held,
  }
}

/** Whose own header came along decides where dialects share a path; below `/v1beta` and `/upload` there is only Gemini's. */
function preferredBy(request: IncomingMessage, target: string): DialectName {
  if (request.headers['anthropic-version'] !== undefined) return 'anthropic'
  if (request.headers['x-goog-api-key'] !== undefined) return 'gemini'
  // a key in the query is Google's manner alone: nobody else may be shown it
  const keyInQuery = request.headers.authorization === undefined && /[?&]key=(?!tk_)/.test(target)
  return keyInQuery || /^(\/[fk]\/[^/]+)*\/(v1beta|upload)\//.test(target) ? 'gemini' : 'openai-chat'
}

function unknownPath(method: string, path: string): No {
  return {
    code: 'unknown_route',
    detail: `${method} ${path.slice(0, 200)} is not served here. Calls go to paths of the providers' APIs, such as POST /v1/chat/completions, /v1/responses or /v1/messages, or below /p/{provider}/.`,
  }
}

function allowOrigin(response: ServerResponse, origin: string): void {
  response.writeHead(204, {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': 'GET, POST, PUT, DELETE',
    'access-control-allow-headers':
      response.req.headers['access-control-request-headers'] ?? 'authorization, content-type',
    'access-control-max-age': '600',
    vary: 'origin',
  })
  response.end()
}
