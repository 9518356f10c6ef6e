/** Reads what `/api/v1/requests` is asked, each fault named by its parameter; the answer is what the store looks for. */
import type * as z from 'zod/mini'
import type { historyRows } from '../../../shared/contract/endpoints/history.ts'
import type { Ledger } from '../ledger.ts'
import { kindShown } from './shown.ts'
import { type Bad, readTime, timeForms } from './usage-query.ts'

type RequestQuery = z.infer<typeof historyRows.requestRows.query>

const filterNames = [
  'provider',
  'model',
  'client',
  'task',
  'chain',
  'folder',
  'account',
  'session',
  'billing',
  'outcome',
] as const
type Filter = [name: (typeof filterNames)[number], value: string] | [name: 'last', value: true]

/** `from` with, `to` without, epoch ms. A call is the last of its attempts. */
export type RequestsAsked = {
  from: number
  to: number
  having: Filter[]
  lacking: Filter[]
  before: number
  limit: number
}

const simulated: Filter = ['billing', 'simulated']

export function readRequestQuery(ledger: Ledger, now: number, query: RequestQuery): RequestsAsked | Bad {
  const from = query.from === undefined ? 0 : readTime(ledger.zone, now, query.from, 0)
  if (from === undefined) return { bad: 'from', why: `'from' is ${timeForms}.` }
  const to = query.to === undefined ? Infinity : readTime(ledger.zone, now, query.to, 1)
  if (to === undefined) return { bad: 'to', why: `'to' is ${timeForms}.` }
  if (to <= from) return { bad: 'to', why: "'to' must be after 'from'." }
  const limit = Number(query.limit ?? 50)
  if (!Number.isInteger(limit) || limit < 1 || limit > 500) {
    return { bad: 'limit', why: "'limit' is a whole number from 1 to 500." }
  }
  if (query.cursor !== undefined && !/^\d{1,15}$/.test(query.cursor)) {
    return { bad: 'cursor', why: "'cursor' is the 'next_cursor' of an earlier page, as it was." }
  }
  const having: Filter[] = [['last', true]]
  for (const name of filterNames) {
    const value = query[name]
    if (value !== undefined) having.push([name, value])
  }
  const isReal = kindShown(ledger, query.simulated) === 'real'
  if (!isReal) having.push(simulated)
  const before = query.cursor === undefined ? Infinity : Number(query.cursor)
  return { from, to, having, lacking: isReal ? [simulated] : [], before, limit }
}
