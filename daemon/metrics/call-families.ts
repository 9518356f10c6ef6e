/** Figures of calls: all of them views of the ledger, so they are the same as over REST, and the same after a restart. */
import { strategy } from '../../shared/contract/event.ts'
import { promptTokensOf } from '../../shared/contract/usage.ts'
import { type ProviderMeter, ways } from '../ledger/meters.ts'
import type { NamedTotals } from '../ledger/named-totals.ts'
import type { Sums } from '../ledger/sums.ts'
import { usdOf } from '../ledger/views/rows.ts'
import type { Family, Labels, Sample, Source, Spread } from './family.ts'

export const callFamilies: readonly Family[] = [
  {
    name: 'tollkeeper_requests_total',
    type: 'counter',
    help: 'Calls by how they found their target: direct, pinned, routed, failover; imported ones did not come through here.',
    read: ({ ledger, kind, mark }) => {
      const { calls } = ledger.meters[kind]
      const always: readonly string[] = strategy.options
      return ways
        .filter((way) => always.includes(way) || calls[way] > 0)
        .map((way) => ({ labels: { strategy: way, ...mark }, value: calls[way] }))
    },
  },
  {
    name: 'tollkeeper_request_latency_seconds',
    type: 'histogram',
    help: 'From request to last byte, of calls that were answered to their end.',
    read: ({ ledger, kind, mark }) => {
      const { latency } = ledger.meters[kind]
      return strategy.options.map((name) => ({
        labels: { strategy: name, ...mark },
        histogram: latency[name],
        measure: 'latency',
      }))
    },
  },
  {
    name: 'tollkeeper_llm_requests_total',
    type: 'counter',
    help: 'Calls by the provider and model that answered or was asked last.',
    read: (source) => byModel(source, ({ requests }) => [[{}, requests]]),
  },
  {
    name: 'tollkeeper_llm_tokens_total',
    type: 'counter',
    help: 'Tokens by kind. The kinds do not overlap: their sum is all tokens; reasoning is part of output.',
    read: (source) =>
      byModel(source, (sums) => [
        [{ type: 'input' }, sums.input],
        [{ type: 'cache_read' }, sums.cacheRead],
        [{ type: 'cache_write' }, promptTokensOf(sums) - sums.input - sums.cacheRead],
        [{ type: 'output' }, sums.output],
      ]),
  },
  {
    name: 'tollkeeper_llm_reasoning_tokens_total',
    type: 'counter',
    help: 'The part of the output that the model thought with.',
    read: (source) => byModel(source, ({ reasoning }) => [[{}, reasoning]]),
  },
  ofProvider('cost_usd', 'List price of what was used, in USD.', ({ cost }) => usdOf(cost)),
  ofProvider('billed_usd', 'What is owed for it, in USD: nothing within a plan.', ({ billed }) => usdOf(billed)),
  ofProvider('failed_requests', 'Calls without a good answer; clients that left are none.', ({ failed }) => failed),
  ofProvider(
    'attempts',
    'Sendings of calls; a call that went on to another target has several.',
    (sums) => sums.attempts,
  ),
  ofProvider('unpriced_requests', 'Calls whose price is not known: they are in no cost.', ({ unpriced }) => unpriced),
  ofProvider('estimated_requests', 'Calls whose tokens we counted, as the provider did not say.', (s) => s.estimated),
  timesOf(
    'llm_latency',
    'latency',
    'From request to last byte, of calls that were answered to their end, by provider.',
  ),
  timesOf('llm_time_to_first_token', 'firstToken', 'From request to the first byte of a stream, by provider.'),
  {
    name: 'tollkeeper_overhead_seconds',
    type: 'histogram',
    help: 'Spent in this daemon for each sending: before the request went out, and after the last byte came in. What a provider or a limit of the user makes wait is in the latency alone.',
    read: ({ ledger, kind, mark }) => [{ labels: mark, histogram: ledger.meters[kind].overhead, measure: 'overhead' }],
  },
  {
    name: 'tollkeeper_failovers_total',
    type: 'counter',
    help: 'Times that a call went on from one provider to another (or to another model or account of the same), and why.',
    read: ({ ledger, kind, mark }) =>
      [...ledger.failovers.rows.values()]
        .filter((row) => row.simulated === (kind === 'simulated'))
        .map(({ from, to, reason, count }) => ({ labels: { from, to, reason, ...mark }, value: count })),
  },
]

function byModel({ ledger, kind, mark }: Source, valuesOf: (sums: Sums) => [Labels, number][]): Sample[] {
  const samples: Sample[] = []
  for (const [provider, { models }] of ledger.meters[kind].providers) {
    for (const [model, sums] of models) {
      // where a failed attempt went no call has ended
      if (sums.requests === 0) continue
      for (const [more, value] of valuesOf(sums)) samples.push({ labels: { provider, model, ...more, ...mark }, value })
    }
  }
  return samples
}

function ofProvider(what: string, help: string, valueOf: (sums: NamedTotals['sums']) => number): Family {
  return {
    name: `tollkeeper_llm_${what}_total`,
    type: 'counter',
    help,
    read: ({ ledger, kind, mark }) =>
      [...ledger.lifetime.providers.values()]
        .filter((row) => row.simulated === (kind === 'simulated'))
        .map(({ name, sums }) => ({ labels: { provider: name, ...mark }, value: valueOf(sums) })),
  }
}

function timesOf(what: string, measure: 'latency' | 'firstToken', help: string): Family {
  const spreadOf = (provider: string, meter: ProviderMeter, mark: Labels): Spread => ({
    labels: { provider, ...mark },
    histogram: meter[measure],
    measure,
  })
  return {
    name: `tollkeeper_${what}_seconds`,
    type: 'histogram',
    help,
    read: ({ ledger, kind, mark }) =>
      [...ledger.meters[kind].providers].map(([provider, meter]) => spreadOf(provider, meter, mark)),
  }
}
