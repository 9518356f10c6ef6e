/** One sending of a call to one target: written down before it goes, and once more, with its price, when it is over. */
import type { Event } from '../../shared/contract/event.ts'
import type { Log, Warn } from '../../shared/contract/log.ts'
import type { RefusalKind } from '../../shared/contract/refusal.ts'
import {
  type Billing,
  noUsage,
  type Outcome,
  totalTokensOf,
  type Usage,
  type UsageSource,
} from '../../shared/contract/usage.ts'
import type { ReplyReading } from '../dialects/dialect.ts'
import { type Tier, tierOf } from '../dialects/tier.ts'
import type { Prices } from '../pricing/price.ts'
import type { QuotaSaid } from '../providers/quota-window.ts'
import type { Accounts } from './account.ts'
import { attemptIdOf, endedOf, type Place, type Standing, startedOf } from './attempt-events.ts'
import { keptWithin, priceAttempt, servedAs } from './attempt-price.ts'
import { featureAfter } from './attribution.ts'
import { billingOf, type Call, modelOf, type Target } from './call.ts'
import { type KeptAs, keptAsOf } from './kept-answers.ts'
import { safeName } from './names.ts'
import { recordQuota } from './quota.ts'

export type AttemptDeps = {
  /** Numbers the event and folds it; its line is written when this turn of the loop ends. `sentAt`: when the call of a quota.read began. */
  record(event: Event, sentAt?: number): void
  /** Of the config as it is now; an attempt keeps the ones that it began with. */
  prices(): Prices['priceOf']
  accounts: Accounts
  /** What a reply's body or an event in it says of limits. */
  readQuotaIn(json: unknown, at: number, status: number, head: QuotaSaid | null): QuotaSaid | null
  /** Takes secrets out of a text; `own` is the call's own credential. */
  scrub(text: string, own: string | null): string
  warn: Warn
  log: Log
  /** Wall clock, epoch ms; and monotonic ms. */
  now(): number
  clock(): number
}

/** What is known when it is over. `reading` is null where no reply came. */
export type Ending = {
  outcome: Outcome
  status: number | null
  reading: ReplyReading | null
  estimateOutput: (() => number) | null
  error: string | null
  /** Monotonic ms; absent: it is over now. */
  overMs?: number
  /** Another target is asked after this one. */
  goesOn?: true
}

export type Attempt = {
  /** The request was handed to the network: from now on time is its, or the upstream's. */
  sent(): void
  /** The head came: headers may name the account, state limits, say overage, and give the provider's request id. */
  head(header: (name: string) => string | undefined, quota: QuotaSaid | null): void
  /** Bytes of the body came. */
  bytes(): void
  /** No more comes, or nobody waits for it any longer: what takes time from now on is ours. */
  upstreamOver(): void
  /** Writes the end down; the first call counts. Returns the list price in nano-dollars, if one is known. */
  end(ending: Ending): number | null
  account(): string
  /** All tokens that it used; null while it runs, and where none are known. */
  tokens(): number | null
}

const longestError = 512

/**
 * `over` is called just before the end is recorded, so that whoever hears of it no longer counts the call as running. It says why
 * there is no good answer, where there is none.
 */
export function startAttempt(
  call: Call,
  target: Target,
  deps: AttemptDeps,
  place: Place,
  over: (ending: Ending) => RefusalKind | undefined,
): Attempt {
  const priceOf = deps.prices()
  let account = deps.accounts.accountOf(call, target)
  let billing: Billing = billingOf(call, target)
  let upstreamId: string | null = null
  let headTier: Tier | undefined
  let headQuota: QuotaSaid | null = null
  let firstMs: number | null = null
  let lastMs = deps.clock()
  let cost: number | null = null
  let tokens: number | null = null
  let ended = false
  const beganMs = lastMs
  let sentMs = lastMs
  const sentAt = deps.now()
  const attempt = attemptIdOf(call, place)
  const asked = modelOf(call, target)

  const standing = (model: string): Standing => ({ call, target, place, attempt, account, billing, model })
  guarded(deps, call.id, () => deps.record(startedOf(standing(asked ?? 'unknown'))))

  return {
    sent: () => {
      sentMs = deps.clock()
    },
    head: (header, quota) => {
      lastMs = deps.clock()
      headQuota = quota
      account = deps.accounts.accountOf(call, target, header)
      const { requestIdHeader } = target.provider
      upstreamId = requestIdHeader === null ? null : (header(requestIdHeader) ?? null)
      if (quota?.overageInUse === true && billing === 'plan') billing = 'overage'
      const { tierHeader } = call.dialect
      if (tierHeader !== undefined) headTier = tierOf(header(tierHeader))
    },
    bytes: () => {
      lastMs = deps.clock()
      firstMs ??= lastMs
    },
    upstreamOver: () => {
      lastMs = deps.clock()
    },
    account: () => account,
    tokens: () => tokens,
    end: (ending) => {
      if (ended) return cost
      ended = true
      let refusal: RefusalKind | undefined
      guarded(deps, call.id, () => {
        refusal = over(ending)
      })
      guarded(deps, call.id, () => {
        const json = ending.reading?.quota ?? null
        const said = json === null ? null : deps.readQuotaIn(json, deps.now(), ending.status ?? 0, headQuota)
        if (said) recordQuota(said, { call, target, account, sentAt, record: deps.record })
      })
      guarded(deps, call.id, () => {
        const { usage, usageSource } = usageOf(call, ending)
        const model = asked ?? ending.reading?.model ?? 'unknown'
        const tier = servedAs(call, target, headTier ?? ending.reading?.tier)
        const within = keptWithin(call, target, ending.reading?.within)
        const searches = ending.reading?.webSearches ?? 0
        // of what was not told nothing is known to be sound
        const audio = usage === null || !ending.reading?.usage ? undefined : ending.reading.audio
        const images = ending.reading?.images
        const isGuessed = usageSource === 'estimated'
        const spent = { call, target, billing, usage, isGuessed, audio, images, model, ending, tier, within, searches }
        const priced = priceAttempt(spent, priceOf, deps.warn)
        cost = priced.cost
        tokens = usage === null ? null : totalTokensOf(usage)
        const goesOn = ending.goesOn === true
        const overMs = ending.overMs ?? deps.clock()
        // the last one tells how long the caller waited in all
        const fromMs = goesOn ? beganMs : call.beganMs
        const event = endedOf(standing(model), {
          last: !goesOn,
          feature: featureAfter(call.attribution, searches),
          status: ending.status,
          outcome: ending.outcome,
          usage,
          usageSource,
          cost,
          billed: priced.billed,
          price: priced.price,
          tier,
          within,
          searches,
          audio,
          images,
          // the call began with its first attempt
          startedAt: place.number === 1 ? call.startedAt : sentAt,
          latencyMs: tenths(overMs - fromMs),
          ttftMs: firstMs === null ? null : tenths(firstMs - fromMs),
          overheadMs: tenths(sentMs - (place.sinceMs ?? call.readMs) + (ending.reading === null ? 0 : overMs - lastMs)),
          error: ending.error === null ? null : deps.scrub(ending.error, call.credentials.own).slice(0, longestError),
          upstreamId: upstreamId === null ? null : deps.scrub(safeName(upstreamId), call.credentials.own),
          refusal,
          kept: keptSafe(keptAsOf(call, target, ending.reading), call, deps),
        })
        deps.record(event)
      })
      return cost
    },
  }
}

/** Reported where the provider reported; else estimated where tokens were spent; else nothing. */
function usageOf(call: Call, ending: Ending): { usage: Usage | null; usageSource: UsageSource } {
  const { reading, outcome } = ending
  if (call.endpoint.counts !== 'tokens') return { usage: null, usageSource: 'none' }
  // what goes on in the background is told later, to whoever asks for it
  if (reading?.underWay) return { usage: null, usageSource: 'none' }
  const reported = reading?.usage ?? null
  if (reported && (reading?.outputReported || outcome === 'refused'))
    return { usage: reported, usageSource: 'reported' }
  if (outcome === 'failed' || outcome === 'refused') return { usage: null, usageSource: 'none' }
  // Broken off, or a provider that tells nothing: what was used until then, counted by us where it was not told.
  const guessed = call.endpoint.wordless ? 0 : (ending.estimateOutput?.() ?? 0)
  const output = Math.max(reported?.output ?? 0, guessed)
  const input = reported ?? { ...noUsage, input: call.dialect.estimateInput(call.plain) }
  return { usage: { ...input, output }, usageSource: 'estimated' }
}

/** An id that is not safe to be written as it is could not be found again: it is not written. */
function keptSafe(kept: KeptAs | null, { credentials }: Call, deps: AttemptDeps): KeptAs | null {
  return kept !== null && deps.scrub(safeName(kept.id), credentials.own) === kept.id ? kept : null
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10
}

/** No fault of metering may ever fail or delay a call: it is logged as the bug it is, and the call goes on. */
function guarded(deps: AttemptDeps, id: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    deps.log.error('An attempt could not be recorded', { id, error })
  }
}
