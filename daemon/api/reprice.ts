/** What the calls of a time would cost at the prices of another one: read from the journal as a stream, and changed nowhere. */
import type * as z from 'zod/mini'
import type { ReplyOf } from '../../shared/contract/endpoint.ts'
import type { pricesRows } from '../../shared/contract/endpoints/prices.ts'
import type { AttemptEnded } from '../../shared/contract/event.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { isoOf, usdOf } from '../ledger/views/rows.ts'
import { type Bad, readTime, timeForms } from '../ledger/views/usage-query.ts'
import { firstOfMonth } from '../ledger/zone.ts'
import type { Book } from '../store/book.ts'
import { costAt, type PricesNow } from './priced-again.ts'

type Query = z.infer<typeof pricesRows.reprice.query>
type Repriced = ReplyOf<typeof pricesRows.reprice>

/** `from` with, `to` without; epoch ms. */
export type RepriceAsked = { asOf: number; from: number; to: number }

export function readReprice({ zone }: Ledger, now: number, query: Query): RepriceAsked | Bad {
  const asOf = query.as_of === undefined ? now : readTime(zone, now, query.as_of, 0)
  if (asOf === undefined) return { bad: 'as_of', why: `'as_of' is ${timeForms}.` }
  const from =
    query.from === undefined ? zone.startOfDay(firstOfMonth(zone.dayOf(now))) : readTime(zone, now, query.from, 0)
  if (from === undefined) return { bad: 'from', why: `'from' is ${timeForms}.` }
  const to = query.to === undefined ? now + 1 : readTime(zone, now, query.to, 1)
  if (to === undefined) return { bad: 'to', why: `'to' is ${timeForms}.` }
  if (to <= from)
    return query.to === undefined
      ? { bad: 'from', why: "'from' must not be in the future." }
      : { bad: 'to', why: "'to' must be after 'from'." }
  return { asOf, from, to }
}

/** Calls of the sandbox are left out. Ends early once `signal` is aborted. */
export async function reprice(
  { asOf, from, to }: RepriceAsked,
  calls: Book['calls'],
  prices: PricesNow,
  signal: AbortSignal,
): Promise<Repriced> {
  const all = emptySum()
  const models = new Map<string, Sum & { provider: string; model: string }>()
  const rowOf = (e: AttemptEnded) => ({
    provider: e.provider,
    model: e.model,
    cost: e.cost,
    again: costAt(prices, e, asOf),
  })
  for await (const rows of calls({ from, to, simulated: false, rowOf }, signal)) {
    for (const { provider, model, cost, again } of rows) {
      const key = JSON.stringify([provider, model])
      const sum = models.get(key) ?? { provider, model, ...emptySum() }
      models.set(key, sum)
      addTo(all, cost, again)
      addTo(sum, cost, again)
    }
  }
  return {
    as_of: isoOf(asOf),
    from: isoOf(from),
    to: isoOf(to),
    ...shownSum(all),
    by_model: [...models.values()]
      .sort((a, b) => b.repriced - a.repriced || b.requests - a.requests)
      .map(({ provider, model, ...sum }) => ({ provider, model, ...shownSum(sum) })),
  }
}

/** In nano-dollars. */
type Sum = { requests: number; cost: number; uncosted: number; repriced: number; unpriced: number }

function emptySum(): Sum {
  return { requests: 0, cost: 0, uncosted: 0, repriced: 0, unpriced: 0 }
}

function addTo(sum: Sum, cost: number | null, again: number | null): void {
  sum.requests++
  sum.cost += cost ?? 0
  sum.repriced += again ?? 0
  if (cost === null) sum.uncosted++
  if (again === null) sum.unpriced++
}

function shownSum({ requests, cost, uncosted, repriced, unpriced }: Sum) {
  return {
    requests,
    cost_usd: usdOf(cost),
    stamped_unpriced_requests: uncosted,
    repriced_cost_usd: usdOf(repriced),
    unpriced_requests: unpriced,
  }
}
