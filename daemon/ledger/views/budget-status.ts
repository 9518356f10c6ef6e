/** `/api/v1/cost/budget-status`: this month's spend of each provider beside the budget that is its own. Simulated calls never count. */
import type { BudgetStatus } from '../../../shared/contract/endpoints/cost.ts'
import type { Ledger } from '../ledger.ts'
import { daysOf, periodOf } from '../period.ts'
import { dateOf } from '../zone.ts'
import { budgetRowOf, monthlyLimitOf, projectionOf } from './budgets.ts'
import { percentOf, roundUsd, usdOf } from './rows.ts'
import { tallyUsage, type UsageTally } from './usage.ts'

type ProviderStatus = BudgetStatus['providers'][string]

/** As `UsageTally`; `providers`: ids that have a row although nothing was spent there. */
export type BudgetStatusTally = Pick<UsageTally, 'months' | 'names' | 'add'> & {
  reply(providers: Iterable<string>): BudgetStatus
}

export function tallyBudgetStatus(ledger: Ledger, now: number): BudgetStatusTally {
  const { zone } = ledger
  const month = daysOf('month', now, zone)
  const { startsAt, endsAt } = periodOf('month', now, zone)
  if (!month || endsAt === null) throw new Error('a month is a part of the calendar')
  const dates = { from: dateOf(month.first), to: dateOf(month.end - 1) }
  const tally = tallyUsage(ledger, now, { ...dates, group_by: 'provider' })
  // no parameter is a user's
  if ('bad' in tally) throw new Error(tally.why)
  const { months, names, add } = tally
  return {
    ...{ months, names, add },
    reply(listed) {
      const { groups, simulated } = tally.reply([])
      const real = simulated ? [] : groups.filter(({ totals }) => totals.requests > 0)
      const used = new Map(real.map(({ key, totals }) => [key[0] ?? '', totals]))
      const budgeted = [...ledger.budgets.values()].flatMap(({ budget }) => budget.scope.provider ?? [])
      const limited = budgeted.filter((id) => monthlyLimitOf(ledger, id))
      const ids = [...new Set([...listed, ...limited, ...used.keys()])].sort()
      const rows = ids.map((id): [string, ProviderStatus] => {
        const { requests = 0, billed_usd = 0 } = used.get(id) ?? {}
        return [id, statusOf(ledger, now, id, requests, billed_usd)]
      })
      const total = totalOf(rows.map(([, row]) => row))
      const today = zone.dayOf(now)
      const projected = projectionOf(Math.round(total.current_spend_usd * 1e9), startsAt, endsAt, now)
      return {
        providers: Object.fromEntries(rows.map(([id, row]) => [id, shown(row)])),
        total: shown(total),
        period: {
          month: dateOf(month.first).slice(0, -3),
          days_elapsed: today - month.first + 1,
          days_remaining: month.end - 1 - today,
          projected_spend_usd: sixDecimals(usdOf(projected)),
        },
      }
    },
  }
}

/** In this reply, and no other, money has 6 decimals. */
function sixDecimals(usd: number): number {
  return Math.round(usd * 1e6) / 1e6
}

function shown<Row extends BudgetStatus['total']>(row: Row): Row {
  const { monthly_limit_usd: limit, current_spend_usd: spend, remaining_usd: left } = row
  return {
    ...row,
    monthly_limit_usd: limit === null ? null : sixDecimals(limit),
    current_spend_usd: sixDecimals(spend),
    remaining_usd: left === null ? null : sixDecimals(left),
  }
}

function statusOf(ledger: Ledger, now: number, id: string, requests: number, billedUsd: number): ProviderStatus {
  const budget = monthlyLimitOf(ledger, id)
  const row = budget && budgetRowOf(ledger, budget.id, now)
  if (!row || row.limit_usd === null) return { ...unlimited(billedUsd, requests), status: 'ok' }
  const isOver = row.spent_usd >= row.limit_usd
  return {
    monthly_limit_usd: row.limit_usd,
    current_spend_usd: row.spent_usd,
    utilization_pct: row.used_pct,
    remaining_usd: row.remaining_usd,
    requests_count: requests,
    // what is only held for calls that run now is not spent
    status: isOver ? 'exceeded' : row.state === 'ok' ? 'ok' : 'warning',
  }
}

/** Of the providers with a limit, so that spend and limit are of the same ones; where none has one, of all. */
function totalOf(rows: readonly ProviderStatus[]): BudgetStatus['total'] {
  const sum = (of: readonly ProviderStatus[], what: (row: ProviderStatus) => number) =>
    of.reduce((all, row) => all + what(row), 0)
  const requests = sum(rows, (row) => row.requests_count)
  const limited = rows.filter((row) => row.monthly_limit_usd !== null)
  const spend = roundUsd(sum(limited.length > 0 ? limited : rows, (row) => row.current_spend_usd))
  if (limited.length === 0) return unlimited(spend, requests)
  const limit = roundUsd(sum(limited, (row) => row.monthly_limit_usd ?? 0))
  return {
    monthly_limit_usd: limit,
    current_spend_usd: spend,
    utilization_pct: percentOf((spend / limit) * 100),
    remaining_usd: roundUsd(Math.max(0, limit - spend)),
    requests_count: requests,
  }
}

function unlimited(spendUsd: number, requests: number): BudgetStatus['total'] {
  return {
    ...{ monthly_limit_usd: null, current_spend_usd: spendUsd, utilization_pct: 0 },
    ...{ remaining_usd: null, requests_count: requests },
  }
}
