/** Figures of what holds now: quotas, cooldowns, budgets, refusals, warnings. Views of the ledger, but for the warnings. */
import type { BudgetRow } from '../../shared/contract/budget.ts'
import type { Quota } from '../ledger/quotas.ts'
import { budgetRowsOf } from '../ledger/views/budgets.ts'
import { countedQuotas } from '../ledger/views/counted-limits.ts'
import { coolingNow, quotasNow } from '../ledger/views/limits.ts'
import type { WindowNow } from '../ledger/views/windows.ts'
import type { Family, Labels, Sample, Source } from './family.ts'

/** Windows shown, those read last first: names of models come from outside. */
export const windowsShown = 500

export const standingFamilies: readonly Family[] = [
  {
    name: 'tollkeeper_quota_used_ratio',
    type: 'gauge',
    help: 'Used share of each window of a limit that a provider states, or that the user set: 1 is all of it.',
    read: (source) => byWindow(source, ({ usedPct }) => (usedPct === null ? null : usedPct / 100)),
  },
  {
    name: 'tollkeeper_quota_reset_timestamp_seconds',
    type: 'gauge',
    help: 'When the window is full again, where that is known.',
    read: (source) => byWindow(source, ({ resetsAt }) => (resetsAt === null ? null : resetsAt / 1000)),
  },
  {
    name: 'tollkeeper_cooldown_until_seconds',
    type: 'gauge',
    help: 'Until when a target is avoided, as a time; of one that is not avoided there is none.',
    read: ({ ledger, now, asked, mark }) =>
      coolingNow(ledger, now, asked).map((row) => ({ labels: { ...placeOf(row), ...mark }, value: row.until / 1000 })),
  },
  budget('limit_usd', 'What a budget of money allows in its period, in USD.', (row) => row.limit_usd),
  budget('spent_usd', 'What of it is spent, in USD.', (row) => (row.limit_usd === null ? null : row.spent_usd)),
  budget('limit_tokens', 'What a budget of tokens allows in its period.', (row) => row.limit_tokens),
  budget('spent_tokens', 'What of it is spent.', (row) => (row.limit_tokens === null ? null : row.spent_tokens)),
  budget('used_ratio', 'Spent share of each budget: 1 is all of it.', (row) => row.used_pct / 100),
  {
    name: 'tollkeeper_refusals_total',
    type: 'counter',
    help: 'Calls that were refused here, before anything was sent, by code.',
    read: ({ ledger }) => [...ledger.refusals.values()].map(({ code, count }) => ({ labels: { code }, value: count })),
  },
  {
    name: 'tollkeeper_warnings',
    type: 'gauge',
    help: 'What is not as it should be now, by code; GET /api/v1/warnings says it in words.',
    read({ warnings }) {
      const counts = new Map<string, number>()
      for (const { code } of warnings) counts.set(code, (counts.get(code) ?? 0) + 1)
      return [...counts].map(([code, value]) => ({ labels: { code }, value }))
    },
  },
]

/** An account's own has no model. */
function placeOf({ provider, account, model }: Pick<Quota, 'provider' | 'account' | 'model'>): Labels {
  return model === null ? { provider, account } : { provider, account, model }
}

function byWindow(source: Source, valueOf: (window: WindowNow) => number | null): Sample[] {
  const { ledger, now, asked, counted, mark } = source
  const samples: Sample[] = []
  for (const { quota, windows } of [...countedQuotas(ledger, counted, asked), ...quotasNow(ledger, now, asked)]) {
    for (const window of windows) {
      const value = valueOf(window)
      if (value === null) continue
      if (samples.length === windowsShown) return samples
      samples.push({ labels: { ...placeOf(quota), window: window.name, ...mark }, value })
    }
  }
  return samples
}

/** Nobody sets a budget for the sandbox: they are real. */
function budget(what: string, help: string, valueOf: (row: BudgetRow) => number | null): Family {
  return {
    name: `tollkeeper_budget_${what}`,
    type: 'gauge',
    help,
    read: ({ ledger, now }) =>
      budgetRowsOf(ledger, now).flatMap((row) => {
        const value = valueOf(row)
        return value === null ? [] : [{ labels: { budget: row.id, period: row.period }, value }]
      }),
  }
}
