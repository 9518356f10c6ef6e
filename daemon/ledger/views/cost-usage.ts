/** `/api/v1/cost/usage`: one period's cost and usage under every name; each part is an answer of the general view. */
import type * as z from 'zod/mini'
import type { CostUsage, costRows } from '../../../shared/contract/endpoints/cost.ts'
import type { Totals } from '../../../shared/contract/rows.ts'
import type { Buckets } from '../buckets.ts'
import type { Ledger } from '../ledger.ts'
import type { MonthName } from '../months.ts'
import { dateOf, type Zone } from '../zone.ts'
import { type DateRange, firstOfPeriod, readDates } from './date-range.ts'
import { roundUsd } from './rows.ts'
import { tallyUsage, type UsageTally } from './usage.ts'
import type { Bad, UsageQuery } from './usage-query.ts'

type Query = z.infer<typeof costRows.costUsage.query>

/** Seven years and a half: the series has a row a day. */
const mostDays = 2750

const grouped = ['provider', 'task', 'model', 'client'] as const
const alone = ['user', 'feature'] as const
type Grouped = (typeof grouped)[number] | (typeof alone)[number]

/** As `UsageTally`; `parts` are what closed months are added to, each with names of its own. */
export type CostUsageTally = {
  parts: readonly Pick<UsageTally, 'months' | 'names' | 'add'>[]
  reply(missing: readonly string[]): CostUsage
}

export function tallyCostUsage(ledger: Ledger, now: number, query: Query): CostUsageTally | Bad {
  const { zone } = ledger
  const range = readDates(zone, now, query, (last) => firstOfPeriod(query.period ?? 'month', last))
  if ('bad' in range) return range
  if (range.last - range.first >= mostDays) return tooLong
  const { provider, model, client, task_type: task, simulated } = query
  const names = { provider, model, client, task }
  const isWhole = Object.values(names).every((name) => name === undefined)
  const dates = { from: dateOf(range.first), to: dateOf(range.last) }
  const tallies = new Map<Grouped, UsageTally>()
  for (const by of isWhole ? [...grouped, ...alone] : grouped) {
    const asked: UsageQuery = { ...dates, ...names, simulated, group_by: by }
    const tally = tallyUsage(ledger, now, by === 'provider' ? { ...asked, bucket: 'day' } : asked)
    if ('bad' in tally) return tally
    tallies.set(by, tally)
  }
  const jointly = grouped.flatMap((by) => tallies.get(by) ?? [])
  return {
    parts: [together(jointly), ...alone.flatMap((by) => tallies.get(by) ?? [])],
    reply: (missing) => replyOf(zone, range, (by) => tallies.get(by)?.reply(missing)),
  }
}

const tooLong: Bad = {
  bad: 'start_date',
  why: `'start_date' is too far back: ask for ${mostDays} days at most, or export single calls.`,
}

/** Each month's file is read once for all of them. */
function together(tallies: readonly UsageTally[]): CostUsageTally['parts'][number] {
  const names = new Set<MonthName>(tallies.flatMap((tally) => tally.names))
  return {
    months: tallies[0]?.months ?? [],
    names: [...names],
    add(days: Buckets) {
      for (const tally of tallies) tally.add(days)
    },
  }
}

type Reply = ReturnType<UsageTally['reply']>

function replyOf(zone: Zone, { first, last }: DateRange, answer: (by: Grouped) => Reply | undefined): CostUsage {
  const rows = (by: Grouped) =>
    // where a failed attempt went no call has ended
    (answer(by)?.groups ?? []).flatMap(({ key, totals }) =>
      totals.requests === 0 ? [] : { name: key[0] ?? '', totals },
    )
  const sorted = <T>(by: Grouped, rowOf: (name: string, totals: Totals) => T) =>
    rows(by).map(({ name, totals }) => rowOf(name, totals))
  const byProvider = answer('provider')
  if (!byProvider) throw new Error('a tally by provider is always made')
  const { total, series, simulated, missing_months } = byProvider
  return {
    usage_summary: summaryOf(total),
    by_provider: sorted('provider', (provider, totals) => ({
      provider,
      ...sumsOf(totals),
      cost_per_1k_tokens: shareOf(totals.cost_usd * 1000, totals.tokens),
    })),
    by_task_type: sorted('task', (task_type, totals) => ({ task_type, ...sumsOf(totals) })),
    by_model: sorted('model', (model, totals) => ({ model, ...sumsOf(totals) })),
    by_client: sorted('client', (client, totals) => ({ client, ...sumsOf(totals) })),
    by_user: sorted('user', (user, totals) => ({ user, ...sumsOf(totals) })),
    by_feature: sorted('feature', (feature, totals) => ({ feature, ...sumsOf(totals) })),
    timeseries: series.map(({ start, totals }) => ({ date: dateOf(zone.dayOf(Date.parse(start))), ...sumsOf(totals) })),
    period: { start_date: dateOf(first), end_date: dateOf(last), days: last - first + 1 },
    simulated,
    missing_months,
  }
}

function summaryOf(total: Totals): CostUsage['usage_summary'] {
  return {
    total_requests: total.requests,
    total_cost_usd: total.cost_usd,
    total_billed_usd: total.billed_usd,
    total_tokens: total.tokens,
    total_tokens_input: total.tokens_input,
    total_tokens_output: total.tokens_output,
    average_latency_ms: total.average_latency_ms,
    average_cost_per_request: shareOf(total.cost_usd, total.requests),
    unpriced_requests: total.unpriced_requests,
  }
}

function sumsOf(totals: Totals) {
  const { requests, cost_usd, billed_usd, tokens, tokens_input, tokens_output, unpriced_requests } = totals
  const { average_latency_ms } = totals
  return { requests, cost_usd, billed_usd, tokens, tokens_input, tokens_output, average_latency_ms, unpriced_requests }
}

/** Of nothing: 0. */
function shareOf(usd: number, among: number): number {
  return among === 0 ? 0 : roundUsd(usd / among)
}
