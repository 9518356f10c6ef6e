/** Whether a call may go, in a sentence and in figures: what its limits come to together. */
import type { AllowedReply } from '../../../shared/contract/endpoints/allowance.ts'
import { ago, clockTime, percent, tokens as tokensText } from '../../../shared/format.ts'
import { accountKey } from '../accounts.ts'
import type { Ledger } from '../ledger.ts'
import { accountLabel } from './account-label.ts'
import type { HeadroomAsked, Limit } from './headroom.ts'
import { isoOf, percentOf } from './rows.ts'

export type Headroom = Omit<AllowedReply, 'alternatives'>

export function headroomOf(
  ledger: Pick<Ledger, 'zone' | 'accounts'>,
  now: number,
  asked: HeadroomAsked,
  limits: readonly Limit[],
): Headroom {
  const stopping = limits.filter(({ stops }) => stops !== null)
  const binding = stopping.length > 0 ? lastToEnd(stopping) : fullest(limits)
  const until = stopping.length > 0 ? (binding?.until ?? null) : null
  return {
    allowed: stopping.length === 0,
    reason: binding?.stops ? stoppedText(binding, until, now, ledger.zone.name) : mayText(asked, limits, binding, now),
    binding_limit: binding ? bindingRow(ledger, asked, binding) : null,
    retry_at: until === null ? null : isoOf(until),
    remaining: {
      tokens: least(limits.filter(({ unit }) => unit === 'tokens')),
      usd: least(limits.filter(({ unit }) => unit === 'usd')),
      used_pct: greatestShare(limits),
    },
  }
}

/** Until the last of them is over nothing goes, whatever the others say. */
function lastToEnd(stopping: readonly Limit[]): Limit | undefined {
  return stopping.reduce((last, one) => (endOf(one) > endOf(last) ? one : last))
}

function endOf({ until }: Limit): number {
  return until ?? Number.POSITIVE_INFINITY
}

function fullest(limits: readonly Limit[]): Limit | undefined {
  return limits.reduce<Limit | undefined>(
    (most, one) => (!most || (one.usedPct ?? -1) > (most.usedPct ?? -1) ? one : most),
    undefined,
  )
}

function least(limits: readonly Limit[]): number | null {
  const left = limits.flatMap(({ remaining }) => (remaining === null ? [] : [remaining]))
  return left.length === 0 ? null : Math.max(0, Math.min(...left))
}

function greatestShare(limits: readonly Limit[]): number | null {
  const used = fullest(limits)?.usedPct ?? null
  return used === null ? null : percentOf(used)
}

function stoppedText({ stops, staleSince }: Limit, until: number | null, now: number, timeZone: string): string {
  const again = until === null || until <= now ? '' : ` Try again at ${clockTime(until, now, timeZone)}.`
  return `${stops}${again}${staleText(staleSince, now)}`
}

function mayText({ wanted }: HeadroomAsked, limits: readonly Limit[], nearest: Limit | undefined, now: number): string {
  const count = wanted.input + wanted.output
  const isKnown = limits.some(({ unit, remaining }) => (unit === 'tokens' || unit === 'usd') && remaining !== null)
  const fit = count === 0 ? 'A call may go now' : `${tokensText(count)} tokens fit`
  const may = count > 0 && !isKnown ? 'A call may go now, but no limit is stated in tokens or money' : fit
  if (!nearest) return `${may}: nothing is known that could stop it.`
  const used = nearest.usedPct === null ? '' : `, ${percent(nearest.usedPct)} used`
  return `${may}; nearest to its end is ${nearest.name}${used}.${staleText(nearest.staleSince, now)}`
}

function staleText(since: number | null, now: number): string {
  return since === null ? '' : ` That was read ${ago(since, now)} and is not confirmed since.`
}

function bindingRow(
  { accounts }: Pick<Ledger, 'accounts'>,
  { provider, account }: HeadroomAsked,
  limit: Limit,
): NonNullable<AllowedReply['binding_limit']> {
  const billing = accounts.get(accountKey(provider, account))?.billing ?? null
  const isOfAccount = limit.kind === 'quota' || limit.kind === 'cooldown'
  return {
    kind: limit.kind,
    name: limit.name,
    provider: isOfAccount || limit.kind === 'own-limit' ? provider : null,
    account_label: isOfAccount ? accountLabel({ provider, account, billing }) : null,
    used_pct: limit.usedPct === null ? null : percentOf(limit.usedPct),
    unit: limit.unit,
    limit: limit.limit,
    remaining: limit.remaining,
    resets_at: limit.resetsAt === null ? null : isoOf(limit.resetsAt),
    stale: limit.staleSince !== null,
  }
}
