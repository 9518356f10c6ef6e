/** `/api/usage`: what this month used, held against the limits of a tier. */
import type { Config, TierName } from '../../../shared/contract/config.ts'
import type { Allowance } from '../../../shared/contract/endpoints/allowance.ts'
import type { Totals } from '../../../shared/contract/rows.ts'
import type { Ledger } from '../ledger.ts'
import { dateOf, firstOfMonth } from '../zone.ts'

/** Tokens a month; null: no limit. */
export type Tier = { name: TierName; input: number | null; output: number | null }

/** A tier that has no entry of its own limits nothing. */
export function tierOf({ account, tiers }: Pick<Config, 'account' | 'tiers'>): Tier {
  const name = account?.tier ?? 'starter'
  const limits = tiers?.[name]
  return { name, input: limits?.inputTokensLimit ?? null, output: limits?.outputTokensLimit ?? null }
}

/** `month`: the sums of this month. */
export function allowanceOf(
  { zone }: Pick<Ledger, 'zone'>,
  now: number,
  month: Pick<Totals, 'tokens_input' | 'tokens_output'>,
  tier: Tier,
): Allowance {
  return {
    current_period: dateOf(firstOfMonth(zone.dayOf(now))),
    input_tokens_used: month.tokens_input,
    output_tokens_used: month.tokens_output,
    input_tokens_limit: tier.input,
    output_tokens_limit: tier.output,
    remaining_input: leftOf(tier.input, month.tokens_input),
    remaining_output: leftOf(tier.output, month.tokens_output),
    tier: tier.name,
  }
}

function leftOf(limit: number | null, used: number): number | null {
  return limit === null ? null : Math.max(0, limit - used)
}
