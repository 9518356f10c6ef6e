/** Turns the endpoint table and its functions into an Express app: rights, schemas, errors and headers, once for all rows. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import express from 'express'
import { ulid } from 'ulid'
import type { Endpoint } from '../../shared/contract/endpoint.ts'
import type { EndpointName } from '../../shared/contract/endpoints/index.ts'
import { endpoints } from '../../shared/contract/endpoints/index.ts'
import { errorStatus } from '../../shared/contract/error.ts'
import { admit, mayUse } from './admit.ts'
import { checked } from './asked.ts'
import { alertsHandlers } from './families/alerts.ts'
import { allowanceHandlers } from './families/allowance.ts'
import { authHandlers } from './families/auth.ts'
import { budgetsHandlers } from './families/budgets.ts'
import { chainHandlers } from './families/chains.ts'
import { configHandlers } from './families/config.ts'
import { coreHandlers } from './families/core.ts'
import { costHandlers } from './families/cost.ts'
import { docsHandlers } from './families/docs.ts'
import { historyHandlers } from './families/history.ts'
import { importHandlers } from './families/import.ts'
import { managementHandlers } from './families/management.ts'
import { pageHandlers } from './families/pages.ts'
import { pricesHandlers } from './families/prices.ts'
import { providerHandlers } from './families/providers.ts'
import { statsHandlers } from './families/stats.ts'
import type { Answer, ApiDeps, Context, Handlers, Pieces } from './handlers.ts'
import type { Principal, PrincipalDeps } from './principal.ts'
import { askingOf, feedAskingOf } from './principal.ts'
import type { Problem } from './problem.ts'
import { errorBodyOf, problem } from './problem.ts'
import { routerPathOf, rowOf, rowsAt } from './rows.ts'
import { openSessions } from './session.ts'
import { problemOfThrown } from './thrown.ts'

export type Api = {
  /** Answers every request that is given to it. */
  handler: (req: IncomingMessage, res: ServerResponse) => void
  rowOf(method: string, path: string): Endpoint | undefined
  /** Who asks for the feed on this upgrade; undefined: no credential, or one that is worth nothing. */
  listenerOf(req: IncomingMessage): { keyId: string | null; name: string; mayRead: boolean } | undefined
}

const bodyLimit = 1024 * 1024

export function openApi(deps: ApiDeps): Api {
  const sessions = openSessions({ now: () => deps.now() })
  const family = { ...deps, sessions }
  const handlers: Handlers = {
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
    ...docsHandlers(family),
    ...pageHandlers(family),
  }
  const whoMay: PrincipalDeps = { holderOf: deps.holderOf, sessions }

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
    const steps = [admitting(row, whoMay, deps), ...(row.body ? [readBody] : []), answered]
    app.route(routerPathOf(row.path))[verbOf(row.method)](...steps)
  }
  app.use((req, res) => writeProblem(res, unknownPath(req.method, req.path), deps.now()))
  app.use(catching(deps))

  return {
    handler: (req, res) => void app(req, res),
    rowOf,
    listenerOf(req) {
      const { principal } = feedAskingOf(req, whoMay)
      if (!principal) return undefined
      const keyId = principal.kind === 'key' ? principal.id : null
      return { keyId, name: principal.name, mayRead: mayUse(principal, 'read') }
    },
  }
}

type AnyHandler = (asked: unknown, context: Context) => Answer<unknown> | Promise<Answer<unknown>>

/** First step of a row: who asks, and may they? */
function admitting(row: Endpoint, whoMay: PrincipalDeps, deps: ApiDeps): express.RequestHandler {
  return async (req, res, next) => {
    const admitted = admit(row, req, askingOf(req, whoMay, row.keyHeader), deps)
    if (!('problem' in admitted)) {
      res.locals.principal = admitted.principal
      next()
      return
    }
    await delayGuessing(admitted, deps)
    writeProblem(res, admitted, deps.now())
  }
}

/** Last step of a row: what was asked goes through the schemas, then to the row's function. */
function answering(row: Endpoint, handler: AnyHandler, deps: ApiDeps): express.RequestHandler {
  return async (req, res) => {
    const query = checked(row.query, req.query, 'query parameter')
    if ('problem' in query) return writeProblem(res, query, deps.now())
    const body = checked(row.body, req.body, 'body field')
    if ('problem' in body) return writeProblem(res, body, deps.now())
    const principal = res.locals.principal as Principal | undefined
    const context: Context = { req, principal, requestId: requestIdOf(res), now: deps.now() }
    const answer = await handler({ params: req.params, query: query.value, body: body.value }, context)
    await delayGuessing(answer, deps)
    if ('pieces' in answer) return await stream(res, answer, deps)
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
      deps.log.error('A request could not be answered', { requestId: requestIdOf(res), path, error })
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

function requestIdOf(res: express.Response): string {
  return String(res.locals.requestId)
}

function verbOf(method: Endpoint['method']): 'get' | 'post' | 'put' | 'delete' {
  return method.toLowerCase() as 'get' | 'post' | 'put' | 'delete'
}

function writeProblem(res: express.Response, p: Problem, now: number): void {
  if (p.problem === 'no_credential' || p.problem === 'bad_key') res.setHeader('www-authenticate', 'Bearer')
  res.status(errorStatus[p.problem]).json(errorBodyOf(p, requestIdOf(res), now))
}

/** As fast as it is read. Once a piece is out, only a cut connection says that what follows cannot be had. */
async function stream(res: express.Response, { pieces, type, headers }: Pieces, { log }: ApiDeps): Promise<void> {
  for (const [name, value] of Object.entries(headers ?? {})) res.setHeader(name, value)
  res.setHeader('content-type', type)
  if (res.req.method === 'HEAD') return void res.end()
  try {
    await pipeline(Readable.from(pieces), res)
  } catch (error) {
    // who asked has left: nothing is wrong here
    const isGone = error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'
    if (!isGone) log.error('An answer broke off', { requestId: requestIdOf(res), error: String(error) })
    res.destroy()
  }
}

function writeAnswer(res: express.Response, answer: Exclude<Answer<unknown>, Pieces>, now: number): void {
  if ('problem' in answer) return writeProblem(res, answer, now)
  for (const [name, value] of Object.entries(answer.headers ?? {})) res.setHeader(name, value)
  if ('bytes' in answer) {
    res.setHeader('content-type', answer.type)
    res.end(answer.bytes)
    return
  }
  res.status(answer.status ?? 200).json(answer.value)
}
