/** Turns the endpoint table and its functions into an Express app: rights, schemas, errors and headers, once for all rows. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import express from 'express'
import { ulid } from 'ulid'
import { type Endpoint, windowHeader } from '../../shared/contract/endpoint.ts'
import type { EndpointName } from '../../shared/contract/endpoints/index.ts'
import { endpoints } from '../../shared/contract/endpoints/index.ts'
import { admit, mayUse } from './admit.ts'
import { requestIdOf, writeAnswer, writeHeaders, writePieces, writeProblem } from './answer.ts'
import { checked } from './asked.ts'
import { recordChange } from './audit.ts'
import { alertsHandlers } from './families/alerts.ts'
import { allowanceHandlers } from './families/allowance.ts'
import { authHandlers } from './families/auth.ts'
import { budgetsHandlers } from './families/budgets.ts'
import { chainHandlers } from './families/chains.ts'
import { configHandlers } from './families/config.ts'
import { coreHandlers } from './families/core.ts'
import { costHandlers } from './families/cost.ts'
import { docsHandlers } from './families/docs.ts'
import { healthHandlers } from './families/health.ts'
import { historyHandlers } from './families/history.ts'
import { importHandlers } from './families/import.ts'
import { managementHandlers } from './families/management.ts'
import { metricsHandlers } from './families/metrics.ts'
import { pageHandlers } from './families/pages.ts'
import { pricesHandlers } from './families/prices.ts'
import { providerHandlers } from './families/providers.ts'
import { statsHandlers } from './families/stats.ts'
import type { Answer, ApiDeps, Context, Handlers } from './handlers.ts'
import type { Principal, PrincipalDeps } from './principal.ts'
import { askingOf, feedAskingOf } from './principal.ts'
import type { Problem } from './problem.ts'
import { problem } from './problem.ts'
import { openRateLimit, type RateLimit } from './rate-limit.ts'
import { routerPathOf, rowOf, rowsAt } from './rows.ts'
import { openSessions } from './session.ts'
import { problemOfThrown } from './thrown.ts'

export type Api = {
  /** Answers every request that is given to it. */
  handler: (req: IncomingMessage, res: ServerResponse) => void
  rowOf(method: string, path: string): Endpoint | undefined
  /** Who asks for the feed on this upgrade; undefined: no credential, or one that is worth nothing. */
  listenerOf(req: IncomingMessage): Promise<{ name: string; mayRead: boolean; isLive(): boolean } | undefined>
}

const bodyLimit = 1024 * 1024

export function openApi(deps: ApiDeps): Api {
  const sessions = openSessions({ now: () => deps.now() })
  const family = { ...deps, sessions }
  const handlers: Handlers = {
    ...healthHandlers(family),
    ...coreHandlers(family),
    ...historyHandlers(family),
    ...configHandlers(family),
    ...chainHandlers(family),
    ...budgetsHandlers(family),
    ...alertsHandlers(family),
    ...authHandlers(family),
    ...costHandlers(family),
    ...allowanceHandlers(family),
    ...pricesHandlers(family),
    ...providerHandlers(family),
    ...importHandlers(family),
    ...statsHandlers(family),
    ...managementHandlers(family),
    ...metricsHandlers(family),
    ...docsHandlers(family),
    ...pageHandlers(family),
  }
  const whoMay: PrincipalDeps = { holderOf: deps.holderOf, sessions }
  const rateLimit = openRateLimit({ perMinute: () => deps.settings().requestsPerMinute, now: () => deps.now() })

  const app = express()
  app.disable('x-powered-by')
  app.set('etag', false)
  app.set('case sensitive routing', true)
  app.set('strict routing', true)
  app.use((_req, res, next) => {
    res.locals.requestId = `req_${ulid(deps.now())}`
    res.setHeader('x-content-type-options', 'nosniff')
    res.setHeader('cache-control', 'no-store')
    res.setHeader('x-tollkeeper-request-id', requestIdOf(res))
    next()
  })
  const readBody = express.json({ limit: bodyLimit, type: () => true })
  for (const name of Object.keys(endpoints) as EndpointName[]) {
    const row: Endpoint = endpoints[name]
    // the table gives each function exactly what its row's schemas make; TypeScript cannot follow that through the loop
    const answered = answering(row, handlers[name] as AnyHandler, deps)
    const limited = row.rateLimited ? [limiting(rateLimit, deps)] : []
    const steps = [admitting(row, whoMay, deps), ...limited, ...(row.body ? [readBody] : []), answered]
    app.route(routerPathOf(row.path))[verbOf(row.method)](...steps)
  }
  app.use((req, res) => writeProblem(res, unknownPath(req.method, req.path), deps.now()))
  app.use(catching(deps))

  return {
    handler: (req, res) => void app(req, res),
    rowOf,
    async listenerOf(req) {
      const { principal } = await feedAskingOf(req, whoMay)
      if (!principal) return undefined
      const { kind, id, name, token } = principal
      const isLive = () => (token ? deps.tokens.isLive(token) : kind !== 'key' || deps.keys.isLive(id))
      return { name, mayRead: mayUse(principal, 'read'), isLive }
    },
  }
}

type AnyHandler = (asked: unknown, context: Context) => Answer<unknown> | Promise<Answer<unknown>>

/** First step of a row: who asks, and may they? */
function admitting(row: Endpoint, whoMay: PrincipalDeps, deps: ApiDeps): express.RequestHandler {
  return async (req, res, next) => {
    const admitted = admit(row, req, await askingOf(req, whoMay, row.keyHeader), deps)
    if (!('problem' in admitted)) {
      res.locals.principal = admitted.principal
      next()
      return
    }
    await delayGuessing(admitted, deps)
    writeProblem(res, admitted, deps.now())
  }
}

/** Second step of a limited row: has this one asked too often? */
function limiting(rateLimit: RateLimit, deps: ApiDeps): express.RequestHandler {
  return (req, res, next) => {
    const { headers, no } = rateLimit.take(res.locals.principal as Principal | undefined, req.get(windowHeader))
    writeHeaders(res, headers)
    if (no) writeProblem(res, no, deps.now())
    else next()
  }
}

/** Last step of a row: what was asked goes through the schemas, then to the row's function. */
function answering(row: Endpoint, handler: AnyHandler, deps: ApiDeps): express.RequestHandler {
  return async (req, res) => {
    const query = checked(row.query, req.query, 'query parameter')
    if ('problem' in query) return writeProblem(res, query, deps.now())
    // of no body the parser makes nothing: it is one without fields
    const body = checked(row.body, req.body ?? {}, 'body field')
    if ('problem' in body) return writeProblem(res, body, deps.now())
    const principal = res.locals.principal as Principal | undefined
    const context: Context = { req, principal, requestId: requestIdOf(res), now: deps.now() }
    const answer = await handler({ params: req.params, query: query.value, body: body.value }, context)
    await delayGuessing(answer, deps)
    recordChange(row, req.params, principal, answer, deps)
    if ('pieces' in answer) return await writePieces(res, answer, deps)
    writeAnswer(res, answer, deps.now())
  }
}

/** A wrong key, or a wrong one-time code, waits for its answer; nothing else does. */
async function delayGuessing(answer: object, deps: ApiDeps): Promise<void> {
  const isGuess = 'problem' in answer && answer.problem === 'bad_key'
  if (isGuess) await delay(deps.failDelayMs ?? 200, undefined, { ref: false })
}

/** What the router, the body parser or a function throws; Express knows an error step by its four parameters. */
function catching(deps: ApiDeps): express.ErrorRequestHandler {
  return (thrown: unknown, req, res, next) => {
    const known = problemOfThrown(thrown)
    if (!known) {
      const error = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
      const path = rowOf(req.method, req.path)?.path ?? null
      deps.log.error('A request could not be answered', { id: requestIdOf(res), path, error })
    }
    // once the head is out, only cutting the connection says that something went wrong
    if (res.headersSent) next(thrown)
    else writeProblem(res, known ?? internal(requestIdOf(res)), deps.now())
  }
}

function unknownPath(method: string, path: string): Problem {
  const shown = path.slice(0, 200)
  const others = rowsAt(path).map((row) => row.method)
  if (others.length > 0) return problem('method_not_allowed', `${shown} knows ${others.join(', ')}, not ${method}.`)
  // who types the address that the greeting names wants to see something
  const hint = path === '/' ? ' `tollkeeper dashboard` opens the dashboard.' : ''
  return problem('not_found', `There is nothing at ${shown}.${hint}`)
}

function internal(requestId: string): Problem {
  return problem('internal', `Something went wrong in the daemon; its log says more under ${requestId}.`)
}

function verbOf(method: Endpoint['method']): 'get' | 'post' | 'put' | 'delete' {
  return method.toLowerCase() as 'get' | 'post' | 'put' | 'delete'
}
