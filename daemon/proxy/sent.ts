/** One sending of a call to one target: its attempt, its upstream, what its reply says of limits, and why it is no answer. */
import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import type { RefusalKind } from '../../shared/contract/refusal.ts'
import type { Provider } from '../providers/provider.ts'
import type { HeaderOf, QuotaSaid } from '../providers/quota-window.ts'
import type { RefusalSaid } from '../providers/refusal.ts'
import type { Sending, Upstream, UpstreamReply, UpstreamTimeouts } from '../upstream/send.ts'
import { type Attempt, type AttemptDeps, type Ending, startAttempt } from './attempt.ts'
import type { Place } from './attempt-events.ts'
import { attemptOfBegun } from './background.ts'
import type { Call, Target } from './call.ts'
import { type JudgeDeps, judge } from './judge.ts'
import { type KeptAnswers, noting } from './kept-answers.ts'
import { recordQuota } from './quota.ts'
import type { OpenReading } from './reply-reading.ts'
import { openStreamedBody } from './streamed-body.ts'
import type { Step } from './way.ts'

export type SentDeps = AttemptDeps &
  JudgeDeps & {
    upstream: Upstream
    kept: KeptAnswers
    readQuota(
      header: HeaderOf,
      at: number,
      /** Of all headers, in small letters. */
      names: readonly string[],
      status: number,
      own: Provider['quotaHeaders'],
    ): QuotaSaid | null
    /** Has what was recorded written at once. */
    settle(): void
    /** How long a body that passes unread may stop coming. */
    stallMs: number
  }

export type Sent = {
  call: Call
  step: Step
  place: Place
  /** null: the call is not counted. */
  attempt: Attempt | null
  sending: Sending
  /** Wall clock, epoch ms. */
  sentAt: number
  reply: UpstreamReply | null
  quota: QuotaSaid | null
  /** How its reply is read. */
  reading: OpenReading | null
  /** Why there is no good answer, once that was looked at. */
  judged: { said: RefusalSaid | undefined } | null
  /** It is over, or others may take its place. */
  left(): void
}

export type Sender = {
  call: Call
  response: ServerResponse
  /** The call is no longer counted as running. */
  answered(): void
}

export function sendStep(
  { call, response, answered }: Sender,
  step: Step,
  place: Place,
  timeouts: Partial<UpstreamTimeouts> | undefined,
  deps: SentDeps,
): Sent {
  const over = (ending: Ending) => {
    if (!ending.goesOn) answered()
    return judge(sent, ending, response.headersSent, deps)?.kind
  }
  const attempt = attemptOf(call, step.target, place, over, deps)
  const streamed = call.endpoint.unread ? openStreamedBody(call.request, deps.stallMs) : null
  const { url, headers, body } = step.outgoing
  const sending = deps.upstream.send({
    origin: url.origin,
    path: url.path,
    method: call.endpoint.method,
    headers,
    body: streamed ?? body,
    timeouts,
    // written down before it goes: what was sent is known to whoever comes after a crash
    beforeSending: deps.settle,
  })
  attempt?.sent()
  const sent: Sent = {
    call,
    step,
    place,
    attempt,
    sending,
    sentAt: deps.now(),
    reply: null,
    quota: null,
    reading: null,
    judged: null,
    left: () => leave(step, attempt, streamed),
  }
  return sent
}

/** null: the call is not counted. */
function attemptOf(
  call: Call,
  target: Target,
  place: Place,
  over: (ending: Ending) => RefusalKind | undefined,
  deps: SentDeps,
): Attempt | null {
  const start = (counted: Call) => startAttempt(counted, target, deps, place, over)
  if (call.endpoint.counts !== 'nothing') return noting(start(call), (told) => deps.kept.note(call, target, told))
  const begun = deps.kept.begunAs(call, target)
  return begun ? attemptOfBegun(begun, call, target, deps, start) : null
}

function leave({ probed, entered }: Step, attempt: Attempt | null, streamed: Readable | null): void {
  streamed?.destroy()
  probed()
  entered.left(attempt?.tokens() ?? null)
}

/** The head came: what it says of limits, of the account, and of who pays. */
export function receive(sent: Sent, reply: UpstreamReply, deps: SentDeps): void {
  const { call, attempt } = sent
  const { target } = sent.step
  const quota = deps.readQuota(
    reply.header,
    deps.now(),
    reply.headerNames(),
    reply.status,
    target.provider.quotaHeaders,
  )
  sent.reply = reply
  sent.quota = quota
  attempt?.head(reply.header, quota)
  if (!quota) return
  const account = attempt?.account() ?? deps.accounts.accountOf(call, target, reply.header)
  recordQuota(quota, { call, target, account, sentAt: sent.sentAt, record: deps.record })
}
