/** What a provider is, as data: where it is, what it speaks, how it wants its key, how it states usage. */
import type { DialectName } from '../../shared/contract/event.ts'
import type { RefusalKind } from '../../shared/contract/refusal.ts'

export type Provider = {
  id: string
  /** As people know it: "Anthropic". */
  label: string
  /** What one gives this provider's SDK as its base URL. */
  baseUrl: string
  /** Its paths have no version: what a client puts there is taken off. */
  unversioned?: boolean
  /** Those that it speaks below this base URL. */
  dialects: readonly DialectName[]
  /** The header that its key stands in; `none`: it needs no credential and counts as lent. */
  keyHeader: 'authorization' | 'x-api-key' | 'x-goog-api-key' | 'api-key' | 'none'
  /** A key to lend, from config; never logged, never in a journal. */
  apiKey?: string
  /** Whether a stream tells usage by itself, only when asked (`stream_options.include_usage`), or never. */
  streamUsage: 'always' | 'ask' | 'never'
  /** The provider's name in the price catalogue; null: none of its models is there. */
  catalogueId: string | null
  /** Replies name the request in this header; null: they do not name it. */
  requestIdHeader: string | null
  local: boolean
  /** Paths beyond the counted ones that its lent key opens, each with all below it: `/v1/files`. */
  allowPaths?: readonly string[]
  /** What holders of our keys are told they may ask for; without it, what the price catalogue knows of this provider. */
  models?: readonly string[]
  /** Callers without a `tk_` key reach it although it needs no credential. */
  passthrough: boolean
  /** Only subscribers reach it: their calls are within a plan, and there is no key that could be lent. */
  plan: boolean
  /** The user's config names it, or a key to lend is stored for it. */
  configured: boolean
  simulated: boolean
  /** By the user's word: where it is down, `/health` says that we are. */
  critical?: boolean
  /** Where they are other than the usual ones. */
  timeouts?: ProviderTimeouts
  /** Set by the user. */
  limits?: OwnLimits
  /** What its errors mean where their words and statuses do not say so by themselves; the first one that holds counts. */
  refusals?: readonly RefusalRule[]
  /** Headers that state limits besides the usual ones, by the user's word. Their names in small letters. */
  quotaHeaders?: readonly OwnHeaders[]
}

/** All that it names must hold. Within a 200 an error without a status of its own goes by its words alone. */
export type RefusalRule = {
  status: number
  /** The error's code, type or reason in the body, in capitals or not. */
  code?: string | undefined
  message?: RegExp
  as: Exclude<RefusalKind, 'unreachable' | 'broken'>
  /** Where it is other than usual for its kind. */
  scope?: 'account' | 'model'
}

/** Calls and tokens a minute, calls a day, and calls at once. */
export type OwnLimits = Partial<Record<'rpm' | 'tpm' | 'rpd' | 'concurrent', number | undefined>>

/** The headers of one window. */
export type OwnHeaders = { window: string } & Partial<
  Record<'limit' | 'remaining' | 'used' | 'usedPercent' | 'reset', string | undefined>
>

/** Until a connection is there, until the first byte of an answer, between two pieces of one. */
export type ProviderTimeouts = { connectMs?: number; headMs?: number; silenceMs?: number }

/** A kind of provider that each user has at an address of their own. */
export type ProviderKind = Omit<Provider, 'baseUrl'>
