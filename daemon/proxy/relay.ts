/** One call, a straight line: write the attempt down, send it, read its limits, and pass the reply. */
import type { ServerResponse } from 'node:http'
import type { Provider } from '../providers/provider.ts'
import type { QuotaSaid } from '../providers/quota-window.ts'
import { targetUrl } from '../providers/target-url.ts'
import { acceptEncodingUp, headersUp } from '../upstream/headers.ts'
import type { Sending, Upstream, UpstreamFailure, UpstreamReply } from '../upstream/send.ts'
import { type Attempt, type AttemptDeps, startAttempt } from './attempt.ts'
import { attemptOfBegun } from './background.ts'
import { type Call, modelOf, type Plan, type Target } from './call.ts'
import type { InFlight } from './inflight.ts'
import { type KeptAnswers, noting } from './kept-answers.ts'
import { safeName } from './names.ts'
import { noRoom, waitToEnter } from './own-limits.ts'
import { pass } from './pass.ts'
import type { ProviderLimits } from './provider-limits.ts'
import { recordQuota } from './quota.ts'
import type { No } from './refuse.ts'
import { openStreamedBody } from './streamed-body.ts'
import { openTap } from './tap.ts'
import { openUnreadReply } from './unread-reply.ts'

export type RelayDeps = AttemptDeps & {
  /** Resolves once the lines of all events so far stand in the journal, or the disk refused them. */
  written(): Promise<void>
  /** Has them written at once. */
  settle(): void
  kept: KeptAnswers
  upstream: Upstream
  inFlight: InFlight
  limits: ProviderLimits
  readQuota(
    header: (name: string) => string | undefined,
    at: number,
    /** Of all headers, in small letters. */
    names: readonly string[],
    status: number,
    own: Provider['quotaHeaders'],
  ): QuotaSaid | null
  /** How long a body that passes unread may stop coming. */
  stallMs: number
  /** Our own address, so that a provider that leads back to it is seen. */
  isOurs(origin: string): boolean
  /** Says no before anything was sent, and has it counted as a refusal. */
  refuse(response: ServerResponse, call: Call, no: No, provider: string | null): void
  /** Says that the upstream failed; the attempt is counted already. */
  answer(response: ServerResponse, call: Call, no: No): void
}

export async function relay(call: Call, { targets }: Plan, response: ServerResponse, deps: RelayDeps): Promise<void> {
  const [target] = targets
  if (!target) throw new Error('A call needs a target.')
  return sendTo(call, target, response, deps)
}

async function sendTo(call: Call, target: Target, response: ServerResponse, deps: RelayDeps): Promise<void> {
  const { rest, body, asked, plain } = sentFor(call, target)
  const url = targetUrl(target.provider, rest, call.credentials.query)
  if ('bad' in url)
    return deps.refuse(response, call, { code: 'bad_path', detail: `The path ${url.bad}.` }, target.provider.id)
  if (deps.isOurs(url.origin)) {
    return deps.refuse(
      response,
      call,
      {
        code: 'loop',
        detail: `The base URL of provider ${target.provider.id} leads back to this daemon. Correct it in config.jsonc.`,
      },
      target.provider.id,
    )
  }

  const running = deps.inFlight.enter(() => response.destroy())
  const entered = await waitToEnter(call, target, response, deps.limits)
  if (entered.kind === 'wait') {
    running.left()
    return deps.refuse(response, call, noRoom(entered, target), target.provider.id)
  }
  const attempt = attemptOf(call, target, deps, running.answered)
  const streamed = call.endpoint.unread ? openStreamedBody(call.request, deps.stallMs) : null
  const sending = deps.upstream.send({
    origin: url.origin,
    path: url.path,
    method: call.endpoint.method,
    headers: headersFor(call, target, asked, plain),
    body: streamed ?? body,
    timeouts: target.provider.timeouts,
    // written down before it goes: what was sent is known to whoever comes after a crash
    beforeSending: deps.settle,
  })
  // a client that leaves before the head stops the upstream; after it, the passing takes care
  const left = () => sending.abort()
  response.once('close', left)
  const reply = await sending.reply
  response.off('close', left)

  try {
    if (reply.kind === 'failure') await failed(reply)
    else await passOn(reply, sending, attempt, asked)
  } catch (error) {
    sending.abort()
    throw error
  } finally {
    streamed?.destroy()
    running.left()
    entered.left(attempt?.tokens() ?? null)
  }

  async function failed(why: UpstreamFailure): Promise<void> {
    const aborted = why.reason === 'aborted'
    attempt?.end({
      outcome: aborted ? 'aborted' : 'failed',
      status: null,
      reading: null,
      estimateOutput: null,
      error: aborted ? null : why.detail,
    })
    await deps.written()
    if (!aborted) deps.answer(response, call, noOf(why, target))
  }

  function passOn(reply: UpstreamReply, sending: Sending, attempt: Attempt | null, asked: boolean): Promise<void> {
    const quota = deps.readQuota(
      reply.header,
      deps.now(),
      reply.headerNames(),
      reply.status,
      target.provider.quotaHeaders,
    )
    attempt?.head(reply.header, quota?.overageInUse === true)
    if (quota) {
      const account = attempt?.account() ?? deps.accounts.accountOf(call, target, reply.header)
      recordQuota(quota, { call, target, account, record: deps.record })
    }
    const streams = /^text\/event-stream/i.test(reply.header('content-type') ?? '')
    const comesBitByBit = streams || call.endpoint.streams === true || call.endpoint.unread === true
    const reader = call.endpoint.unread
      ? openUnreadReply(reply.header('content-length'))
      : call.dialect.openReply(streams ? 'sse' : 'json', { dropUsageOnlyChunk: asked })
    const encoding = call.endpoint.unread ? '' : (reply.header('content-encoding') ?? '').trim().toLowerCase()
    return pass({
      reply,
      response,
      tap: openTap(reader, encoding),
      attempt,
      mayShorten: asked && streams,
      streams: comesBitByBit,
      ownHeaders: [
        'x-tollkeeper-request-id',
        call.id,
        'x-tollkeeper-provider',
        target.provider.id,
        'x-tollkeeper-model',
        headerSafe(modelOf(call, target) ?? 'unknown'),
        'x-tollkeeper-attempts',
        '1',
      ],
      written: deps.written,
      abort: sending.abort,
      failed: (why) => deps.answer(response, call, noOf(why, target)),
    })
  }
}

/** null: the call is not counted. */
function attemptOf(call: Call, target: Target, deps: RelayDeps, answered: () => void): Attempt | null {
  const start = (counted: Call) => startAttempt(counted, target, deps, answered)
  if (call.endpoint.counts !== 'nothing') return noting(start(call), (told) => deps.kept.note(call, target, told))
  const begun = deps.kept.begunAs(call, target)
  return begun ? attemptOfBegun(begun, call, target, deps, start) : null
}

/** The caller's bytes, with at most two splices: the model of a route, and usage asked for on the caller's behalf. */
type Spliced = {
  rest: string
  body: Uint8Array | null
  asked: boolean
  /** The body goes unpacked, though it came compressed. */
  plain: boolean
}

function sentFor(call: Call, target: Target): Spliced {
  const { dialect, endpoint, facts, rest } = call
  const hasBody = endpoint.method === 'POST' && !endpoint.unread
  if (!facts || !hasBody) return { rest, body: hasBody ? call.body : null, asked: false, plain: false }
  let sent = { rest, body: call.plain as Uint8Array }
  let now = facts
  if (target.model !== null) {
    sent = dialect.withModel(sent, target.model)
    now = dialect.readRequest(sent.body, call) ?? facts
  }
  const asking =
    target.provider.streamUsage === 'ask' && now.stream && !now.asksUsage && call.endpoint.counts === 'tokens'
  const withAsking = asking ? dialect.withUsageAsked(sent.body, now) : undefined
  const body = withAsking ?? sent.body
  if (body === call.plain) return { rest: sent.rest, body: call.body, asked: false, plain: false }
  return { rest: sent.rest, body, asked: withAsking !== undefined, plain: call.plain !== call.body }
}

function headersFor(call: Call, target: Target, asked: boolean, plain: boolean): string[] {
  const taken = plain ? new Set([...call.credentials.taken, 'content-encoding']) : call.credentials.taken
  const headers = headersUp(call.request.rawHeaders, taken)
  const accepted = call.request.headers['accept-encoding']
  // a chunk can only be taken out of what is not compressed; what is not read may come as the client likes
  if (asked) headers.push('accept-encoding', 'identity')
  else if (!call.endpoint.unread) headers.push('accept-encoding', acceptEncodingUp(accepted))
  else if (typeof accepted === 'string') headers.push('accept-encoding', accepted)
  const length = call.request.headers['content-length']
  if (call.endpoint.unread && length !== undefined) headers.push('content-length', length)
  const { apiKey, keyHeader } = target.provider
  if (target.lent && apiKey !== undefined && keyHeader !== 'none') {
    headers.push(keyHeader, keyHeader === 'authorization' ? `Bearer ${apiKey}` : apiKey)
  }
  return headers
}

function noOf(why: UpstreamFailure, target: Target): No {
  const { id, baseUrl } = target.provider
  switch (why.reason) {
    case 'connect':
      return {
        code: 'upstream_failed',
        detail: `Provider ${id} could not be reached at ${new URL(baseUrl).origin}: ${why.detail}.`,
      }
    case 'timeout':
      return { code: 'upstream_failed', detail: `Provider ${id} did not answer in time: ${why.detail}.` }
    case 'bad-reply':
      return {
        code: 'bad_upstream_reply',
        detail: `Provider ${id} sent a reply that is not valid HTTP: ${why.detail}.`,
      }
    case 'reset':
    case 'aborted':
      return {
        code: 'upstream_failed',
        detail: `Provider ${id} broke off before its answer was complete: ${why.detail}.`,
      }
  }
}

function headerSafe(text: string): string {
  return safeName(text).replace(/[^\x20-\x7e]/g, '?')
}
