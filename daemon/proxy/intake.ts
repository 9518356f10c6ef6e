/** Takes a call in, from its credential to the relay: every no on the way is said in the caller's dialect. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { ErrorCode } from '../../shared/contract/error.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { Provider } from '../providers/provider.ts'
import { unpack } from '../upstream/codings.ts'
import { attributionOf, clientOf } from './attribution.ts'
import type { Bodies, Body, BodyLimits } from './body.ts'
import type { Call } from './call.ts'
import { credentialsOf, holdsOurs } from './credential.ts'
import type { KeyHolder } from './holder.ts'
import { keptAnswerOf } from './kept-answers.ts'
import { answerModels, modelsFor } from './models.ts'
import type { No, RefusedAt } from './refuse.ts'
import { relay } from './relay.ts'
import type { RelayDeps } from './relaying.ts'
import { budgetsHold } from './reservation.ts'
import type { CallRoute } from './routes.ts'
import { elsewherePlan, type Places, planOf } from './target.ts'

export type IntakeDeps = Places & {
  /** undefined: unknown, revoked or expired. */
  holderOf(credential: string, request: IncomingMessage): KeyHolder | undefined | Promise<KeyHolder | undefined>
  bodyLimits(): BodyLimits
  bodies: Bodies
  newRequestId(): string
  isStopping(): boolean
  /** What holders of our keys may ask for at this provider. */
  modelsOf(provider: Provider): readonly string[]
  now(): number
  clock(): number
  relay: RelayDeps
  /** Refuses, and has it counted. */
  sayNo(response: ServerResponse, id: string, dialect: Dialect, no: No, at: RefusedAt): void
}

const stopping: No = {
  code: 'shutting_down',
  detail: 'Tollkeeper is stopping; try again in a moment.',
  wait: 2,
}

/** Whoever guesses keys waits for the answer; a right one never does. */
const badKeyMs = 200

export async function takeIn(
  request: IncomingMessage,
  response: ServerResponse,
  route: CallRoute,
  deps: IntakeDeps,
): Promise<void> {
  const beganMs = deps.clock()
  const startedAt = deps.now()
  const id = deps.newRequestId()
  const { dialect, endpoint } = route
  const no = (why: No) =>
    deps.sayNo(response, id, dialect, why, {
      endpoint: endpoint.path,
      client: clientOf(request),
      provider: route.pinned,
    })

  if (deps.isStopping()) return no(stopping)
  if (holdsOurs(route.rest))
    return no(
      noOf('bad_path', 'A Tollkeeper key stands in the path: send it in the header x-tollkeeper-key, or as /k/KEY/….'),
    )
  const credentials = credentialsOf(request, route.query, route.key)
  if (credentials.severalOfOurs)
    return no(noOf('bad_key', 'More than one Tollkeeper key came with this call; send one.'))
  const holder = credentials.ours === null ? null : await deps.holderOf(credentials.ours, request)
  if (holder === undefined) {
    await delay(badKeyMs, undefined, { ref: false })
    return no(
      noOf('bad_key', 'This Tollkeeper key is unknown, revoked or expired. Make one with "tollkeeper key create".'),
    )
  }
  const asksOurModels = endpoint.models !== undefined && holder !== null && credentials.own === null && !route.pinned
  if (asksOurModels) return answerModels(response, id, route, modelsFor(holder, deps), deps.now(), no)

  const call = (body: Buffer, plain: Buffer | null, readMs: number): Call => {
    const facts = endpoint.unread || plain === null ? undefined : dialect.readRequest(plain, route)
    return {
      id,
      request,
      dialect,
      endpoint,
      named: route.named,
      rest: route.rest,
      folder: route.folder,
      credentials,
      keyId: holder?.id ?? null,
      attribution: attributionOf(request, endpoint.path, facts, holder?.name ?? null),
      body,
      plain: plain ?? body,
      facts,
      model: facts?.model ?? hintedModel(request, plain === null),
      startedAt,
      beganMs,
      readMs,
    }
  }
  const send = (made: Call, readable: boolean) => {
    const kept = keptAnswerOf(made, deps.relay.kept)
    if (kept.kind === 'not-theirs') return no(kept.no)
    const keptAt = kept.kind === 'none' ? null : kept.provider
    const answerer = made.facts?.sealed ? deps.relay.kept.answererOf(made) : undefined
    const placed = { pinned: route.pinned, readable, keptAt, answerer }
    const plan = planOf(deps, made, placed, holder)
    if ('code' in plan) return no(plan)
    if (kept.kind !== 'none' && plan.targets.every(({ provider }) => provider.id !== kept.provider)) return no(kept.no)
    const elsewhere = holder && budgetsHold(deps.relay) ? elsewherePlan(deps, made, placed, holder) : null
    return relay(made, elsewhere ? { ...plan, elsewhere } : plan, response, deps.relay)
  }
  if (endpoint.unread) return send(call(Buffer.alloc(0), null, deps.clock()), true)

  const limits = deps.bodyLimits()
  const body = await deps.bodies.take(request)
  if (body.kind === 'gone') return
  // unpacking and reading it are our time
  const readMs = deps.clock()
  if (body.kind !== 'body') return no(noOfBody(body, limits))
  try {
    // the stop waits for calls that are under way, and this one was not yet
    if (deps.isStopping()) return no(stopping)
    const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
    if (encoding === 'identity' || encoding === '') return await send(call(body.bytes, body.bytes, readMs), true)
    const plain = await unpack(body.bytes, encoding, limits.bodyBytes)
    if (plain === 'too-large') return no(noOfBody({ kind: 'too-large' }, limits))
    if (plain === 'unreadable') return await send(call(body.bytes, null, readMs), false)
    if (!body.holdMore(plain.length)) return no(noOfBody({ kind: 'too-much-held' }, limits))
    return await send(call(body.bytes, plain, readMs), true)
  } finally {
    body.release()
  }
}

/** Codex says in a header which model an encoded body asks for (seen 2026-11). */
function hintedModel(request: IncomingMessage, unread: boolean): string | null {
  const hint = request.headers['x-codex-routing-hint']
  return unread && typeof hint === 'string' ? (/(?:^|[;,\s])model=([^;,\s]+)/.exec(hint)?.[1] ?? null) : null
}

function noOf(code: ErrorCode, detail: string): No {
  return { code, detail, wait: null }
}

function noOfBody({ kind }: Exclude<Body, { kind: 'body' | 'gone' }>, limits: BodyLimits): No {
  switch (kind) {
    case 'stalled':
      return noOf('bad_request', 'The request body stopped coming for 60 s.')
    case 'too-large':
      return noOf(
        'body_too_large',
        `The request body is over the limit of ${limits.bodyBytes / 2 ** 20} MiB ("limits.bodyMiB" in config.jsonc).`,
      )
    case 'too-much-held':
      return {
        code: 'too_much_held',
        detail: 'Too many large requests are under way at once; try again shortly.',
        wait: 5,
      }
  }
}
