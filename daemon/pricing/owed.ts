/** What is owed of a list price: all of it with an API key or as a plan's paid extra, nothing within a plan, at home or in the sandbox. */
import type { Billing } from '../../shared/contract/usage.ts'

/** Nano-dollars; null where a price would be owed and none is known. */
export function owedOf(billing: Billing, cost: number | null): number | null {
  return billing === 'metered' || billing === 'overage' ? cost : 0
}
