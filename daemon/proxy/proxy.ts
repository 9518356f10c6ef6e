/** The HTTP server's first listener: lets in or turns away, claims the calls, and leaves the rest to the APIs. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Endpoint } from '../../shared/contract/endpoint.ts'
import { type ErrorCode, errorStatus, rawErrorReply } from '../../shared/contract/error.ts'
import { scrub } from '../../shared/scrub.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { Provider } from '../providers/provider.ts'
import { attributionOf, clientOf } from './attribution.ts'
import { type Bodies, type BodyLimits, openBodies } from './body.ts'
import type { Call } from './call.ts'
import { credentialsOf, holdsOurs } from './credential.ts'
import { type GuardRules, guard } from './guard.ts'
import { type No, refuse } from './refuse.ts'
import { type RelayDeps, relay } from './relay.ts'
import { type Route, routeOf } from './routes.ts'
import { type KeyHolder, targetOf } from './target.ts'

export type ProxyDeps = Omit<RelayDeps, 'refuse' | 'answer'> & {
  dialects: readonly Dialect[]
  providers(): ReadonlyMap<string, Provider>
  /** undefined: unknown, revoked or expired. */
  holderOf(credential: string, request: IncomingMessage): KeyHolder | undefined
  rules(): GuardRules
  bodyLimits: BodyLimits
  newRequestId(): string
  rowOf(method: string, path: string): Endpoint | undefined
  /** The APIs and pages. */
  rest(request: IncomingMessage, response: ServerResponse): void
  /** The feed's upgrade. */
  feed(request: IncomingMessage, socket: Duplex, head: Buffer): void
  isStopping(): boolean
}

export type Proxy = {
  handle(request: IncomingMessage, response: ServerResponse): void
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

type CallRoute = Extract<Route, { kind: 'call' }>

export function openProxy(deps: ProxyDeps): Proxy {
  const bodies: Bodies = openBodies(deps.bodyLimits)
  const relayDeps: RelayDeps = {
    ...deps,
    refuse: (response, call, no, provider) =>
      say(response, call.id, call.dialect, no, {
        endpoint: call.endpoint.path,
        client: call.attribution.client,
        provider,
      }),
    answer: (response, call, no) => refuse(response, call.dialect, no, call.id, deps.now()),
  }

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const method = request.method ?? 'GET'
    const target = request.url ?? '/'
    const route = routeOf(
      deps.dialects,
      method,
      target,
      request.headers['anthropic-version'] ? 'anthropic' : 'openai-chat',
    )
    const row = route.kind === 'not-ours' ? deps.rowOf(method, target.split('?')[0] as string) : undefined
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
      deps.rest(request, response)
    } else if (route.kind === 'unknown') {
      say(response, deps.newRequestId(), route.dialect, unknownPath(method, route.path), {
        endpoint: '/*',
        client: clientOf(request.headers['user-agent']),
        provider: null,
      })
    } else {
      callFrom(request, response, route).catch((error: unknown) => failed(response, dialect, error))
    }
  }

  /** A bug of ours in one exchange ends that exchange, and nothing else. */
  function failed(response: ServerResponse, dialect: Dialect | null, error: unknown): void {
    deps.log.error('A call failed inside the proxy', {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    })
    if (response.headersSent) {
      response.destroy()
      return
    }
    const detail = 'Tollkeeper failed on this call; its log says how.'
    refuse(response, dialect, { code: 'internal', detail }, deps.newRequestId(), deps.now())
  }

  /** From the credential to the relay: every no on the way is said in the caller's dialect. */
  async function callFrom(request: IncomingMessage, response: ServerResponse, route: CallRoute): Promise<void> {
    const beganMs = deps.clock()
    const startedAt = deps.now()
    const id = deps.newRequestId()
    const no = (code: ErrorCode, detail: string, wait: number | null = null) =>
      say(
        response,
        id,
        route.dialect,
        { code, detail, wait },
        { endpoint: route.endpoint.path, client: clientOf(request.headers['user-agent']), provider: route.pinned },
      )

    if (deps.isStopping()) return no('shutting_down', 'Tollkeeper is stopping; try again in a moment.', 2)
    if (holdsOurs(route.rest))
      return no('bad_path', 'A Tollkeeper key stands in the path: send it in the header x-tollkeeper-key.')
    const credentials = credentialsOf(request, route.query)
    if (credentials.severalOfOurs) return no('bad_key', 'More than one Tollkeeper key came with this call; send one.')
    const holder = credentials.ours === null ? null : deps.holderOf(credentials.ours, request)
    if (holder === undefined)
      return no('bad_key', 'This Tollkeeper key is unknown, revoked or expired. Make one with "tollkeeper key create".')

    const body = await bodies.take(request)
    switch (body.kind) {
      case 'gone':
        return
      case 'stalled':
        return no('bad_request', 'The request body stopped coming for 60 s.')
      case 'too-large':
        return no(
          'body_too_large',
          `The request body is over the limit of ${deps.bodyLimits.bodyBytes / 2 ** 20} MiB ("limits.bodyMiB" in config.jsonc).`,
        )
      case 'too-much-held':
        return no('too_much_held', 'Too many large requests are under way at once; try again shortly.', 5)
      case 'body':
        break
    }
    try {
      // the stop waits for calls that are under way, and this one was not yet
      if (deps.isStopping()) return no('shutting_down', 'Tollkeeper is stopping; try again in a moment.', 2)
      const encoded = (request.headers['content-encoding'] ?? 'identity') !== 'identity'
      const facts = encoded ? undefined : route.dialect.readRequest(body.bytes)
      const call: Call = {
        id,
        request,
        dialect: route.dialect,
        endpoint: route.endpoint,
        rest: route.rest,
        credentials,
        attribution: attributionOf(request, facts, holder?.name ?? null),
        body: body.bytes,
        facts,
        startedAt,
        beganMs,
        readMs: deps.clock(),
      }
      const target = targetOf(deps.providers(), call, route.pinned, holder, encoded)
      if ('code' in target) return no(target.code, target.detail)
      await relay(call, target, response, relayDeps)
    } finally {
      body.release()
    }
  }

  function say(
    response: ServerResponse,
    id: string,
    dialect: Dialect | null,
    no: No,
    about: { endpoint: string; client: string; provider: string | null },
  ): void {
    if (response.destroyed || response.headersSent) return
    // a path or a name may hold whatever its sender put there
    const detail = scrub(no.detail)
    const provider = about.provider !== null && deps.providers().has(about.provider) ? about.provider : null
    deps.record({
      type: 'call.refused',
      call: id,
      code: no.code,
      status: errorStatus[no.code],
      dialect: dialect?.name ?? null,
      ...about,
      provider,
    })
    deps.log.warn('Refused', { id, code: no.code, detail })
    refuse(response, dialect, { ...no, detail }, id, deps.now())
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const path = (request.url ?? '/').split('?')[0]
    const verdict = guard(request, undefined, deps.rules())
    if (verdict.kind === 'stop') return endUpgrade(socket, verdict.code, verdict.detail)
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
  }

  return {
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
  }
}

function unknownPath(method: string, path: string): No {
  return {
    code: 'unknown_route',
    detail: `${method} ${path.slice(0, 200)} is not served here. Calls go to POST /v1/chat/completions, /v1/messages or /v1/messages/count_tokens, or below /p/{provider}/.`,
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
