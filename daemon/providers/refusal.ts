/** Which refusal a provider's reply is, of what it holds, and until when: by rules of its provider, then by the error's words, then by the status. Never throws. */
import type { RefusalKind } from '../../shared/contract/refusal.ts'
import type { RefusalRule } from './provider.ts'
import type { HeaderOf, QuotaSaid } from './quota-window.ts'
import { type ErrorSaid, readError } from './refusal-body.ts'
import { readLimits, type StatedLimits } from './refusal-limits.ts'

export type RefusalSaid = {
  kind: RefusalKind
  /** `account`: every model of the account is refused; `model`: others may be served. */
  scope: RefusalScope
  /** Epoch ms as the provider stated it, later than now; null: it did not, or nothing that can be true. */
  until: number | null
  /** The provider says that the same call may be sent there again, and soon; null: it does not. */
  sameTargetAfterMs: number | null
  /** What the provider calls it, for people; null: it gives no name. */
  code: string | null
}
type RefusalScope = 'account' | 'model'

/** `json` is the body, or a stream's event that tells of an error, parsed; undefined: it is none. `at` is now, in epoch ms. */
export type Refused = {
  status: number
  header: HeaderOf
  json: unknown
  at: number
  /** What its headers said of limits, where that was read already. */
  quota?: QuotaSaid | null
}

/** `rules` are the provider's; the first one that holds decides. */
export function readRefusal(said: Refused, rules: readonly RefusalRule[]): RefusalSaid {
  const error = readError(said.json)
  // within a 200 the error itself has the status, if anything
  const status = said.status >= 400 ? said.status : (error.status ?? 0)
  // what only a 429 may say of limits holds for an error without a status too
  const limits = readLimits({ ...said, status: status === 0 ? 429 : status })
  const rule = rules.find((one) => holds(one, status, error))
  const first = rule?.as ?? kindOf(status, error)
  const kind = first === 'rate' && rule === undefined ? sharpened(limits, said.at) : first
  const until = untilOf(kind, limits, said.at)
  return {
    kind,
    scope: rule?.scope ?? scopeOf(first, kind, limits),
    until,
    sameTargetAfterMs:
      kind === 'rate' || kind === 'overload'
        ? sameTargetAfter(
            status,
            said.header('x-should-retry'),
            limits.retryMs,
            until === null ? null : until - said.at,
          )
        : null,
    code: error.words[0] ?? null,
  }
}

function holds(rule: RefusalRule, status: number, error: ErrorSaid): boolean {
  const { code, message } = rule
  // an error in the midst of a 200 often has no status of its own, but then a word alone must do
  if (rule.status !== status && (status !== 0 || (code === undefined && message === undefined))) return false
  if (code !== undefined && !error.words.some((word) => word.toLowerCase() === code.toLowerCase())) return false
  return message === undefined || message.test(error.message)
}

function kindOf(status: number, error: ErrorSaid): RefusalKind {
  const table = status === 0 ? [clear, vague] : [clear]
  for (const words of table) {
    for (const word of error.words) {
      const kind = words.get(word.toLowerCase())
      if (kind !== undefined) return kind
    }
  }
  return status === 0 ? 'overload' : kindOfStatus(status)
}

/** What the formats' own words say whatever the status is: servers that speak a format take over its words more often than its statuses. */
const clear = new Map<string, RefusalKind>([
  // https://platform.openai.com/docs/guides/error-codes
  ['insufficient_quota', 'money'],
  // the codes of that type: waiting does not help
  ['credit_balance_exhausted', 'money'],
  ['organization_spend_limit_exceeded', 'money'],
  ['project_spend_limit_exceeded', 'money'],
  ['organization_usage_limit_exceeded', 'money'],
  // older ones, of 429 and 400, seen until 2025
  ['billing_not_active', 'money'],
  ['billing_hard_limit_reached', 'money'],
  ['rate_limit_exceeded', 'rate'],
  ['invalid_api_key', 'credential'],
  // 404, and 403 where a project may not use the model
  ['model_not_found', 'model'],
  ['context_length_exceeded', 'request'],
  ['server_is_overloaded', 'overload'],
  // of ChatGPT plans: https://github.com/openai/codex
  ['usage_limit_reached', 'plan'],
  // https://docs.anthropic.com/en/api/errors
  ['rate_limit_error', 'rate'],
  ['billing_error', 'money'],
  ['authentication_error', 'credential'],
  ['overloaded_error', 'overload'],
  ['request_too_large', 'request'],
])

/** Words that stand beside several statuses: they decide only where there is no status. */
const vague = new Map<string, RefusalKind>([
  ['invalid_request_error', 'request'],
  ['invalid_prompt', 'request'],
  ['not_found_error', 'model'],
  ['permission_error', 'credential'],
  // https://ai.google.dev/gemini-api/docs/troubleshooting
  ['resource_exhausted', 'rate'],
  ['invalid_argument', 'request'],
  ['failed_precondition', 'request'],
  ['permission_denied', 'credential'],
  ['unauthenticated', 'credential'],
  ['not_found', 'model'],
])

function kindOfStatus(status: number): RefusalKind {
  if (status === 401 || status === 403) return 'credential'
  if (status === 402) return 'money'
  if (status === 404 || status === 410) return 'model'
  if (status === 429) return 'rate'
  if (status === 408 || status >= 500) return 'overload'
  return 'request'
}

const hourMs = 3_600_000

/** A limit that lasts hours is a plan's, or a day's, whatever its refusal is called: waiting for it is not like waiting a minute. */
function sharpened(limits: StatedLimits, at: number): RefusalKind {
  if (limits.plan !== null) return 'plan'
  const until = untilOf('rate', limits, at)
  return until !== null && until - at > hourMs ? 'plan' : 'rate'
}

/** A day's refusal often says the delay of a minute beside it; else what a provider says of waiting goes before what it counts. */
function untilOf(kind: RefusalKind, { retryMs, resetsAt, plan }: StatedLimits, at: number): number | null {
  const retryAt = retryMs === null || retryMs === 0 ? null : at + retryMs
  if (kind === 'plan') return plan?.until ?? later(retryAt, resetsAt)
  if (kind === 'rate') return retryAt ?? resetsAt
  // no waiting brings money, a key or a model, whatever stands beside it
  return kind === 'overload' ? retryAt : null
}

function later(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other)
}

/** By what it is called: a key's limit that lasts hours is still that of one model. */
function scopeOf(first: RefusalKind, kind: RefusalKind, limits: StatedLimits): RefusalScope {
  if (kind === 'plan' && limits.plan !== null) return limits.plan.scope
  if (first === 'money' || first === 'credential' || first === 'plan') return 'account'
  return first === 'rate' ? limits.scope : 'model'
}

const soonMs = 2000
const leastMs = 250

/** Only where nothing was done for the call and the provider itself asks for it: x-should-retry is what both official SDKs obey. */
function sameTargetAfter(
  status: number,
  shouldRetry: string | undefined,
  statedMs: number | null,
  untilMs: number | null,
): number | null {
  const waitMs = shouldRetry === 'true' ? (statedMs ?? untilMs ?? 2 * leastMs) : statedMs
  const safe = shouldRetry === 'true' || status === 429 || status === 503 || status === 529
  if (!safe || shouldRetry === 'false' || waitMs === null || waitMs > soonMs) return null
  return Math.max(leastMs, waitMs)
}
