/** What may be asked of the time before now: spans with the step that suits them, and what is drawn of each step. */
import type { Totals } from '../../shared/contract/rows.ts'

export const ranges = {
  '24h': { label: '24 h', words: 'the last 24 hours', bucket: '15m', step: '15 minutes', seconds: 15 * 60 },
  '7d': { label: '7 d', words: 'the last 7 days', bucket: 'hour', step: 'hour', seconds: 3600 },
  '30d': { label: '30 d', words: 'the last 30 days', bucket: 'day', step: 'day', seconds: 24 * 3600 },
} as const
export type Range = keyof typeof ranges

/** `part` lies inside `whole`, so the one is drawn over the other and nothing needs adding up. */
export type Metric = 'tokens' | 'requests' | 'cost'
type Drawn = { label: string; of: (totals: Totals) => number }
export const metrics: Record<Metric, { label: string; whole: Drawn; part: Drawn; partIsBad: boolean }> = {
  tokens: {
    label: 'Tokens',
    whole: { label: 'All tokens', of: (t) => t.tokens },
    part: { label: 'read from cache', of: (t) => t.tokens_cache_read },
    partIsBad: false,
  },
  requests: {
    label: 'Calls',
    whole: { label: 'All calls', of: (t) => t.requests },
    part: { label: 'failed', of: (t) => t.failed_requests },
    partIsBad: true,
  },
  cost: {
    label: 'Cost',
    whole: { label: 'List price', of: (t) => t.cost_usd },
    part: { label: 'billed', of: (t) => t.billed_usd },
    partIsBad: false,
  },
}

/** One of the keys of `table`, else `otherwise`: what was remembered may be of another version. */
export function choiceOf<T extends object>(table: T, wanted: string | undefined, otherwise: keyof T): keyof T {
  return wanted !== undefined && Object.hasOwn(table, wanted) ? (wanted as keyof T) : otherwise
}
