/** Our own dated corrections of the catalogue, each with its reason, until an edition of it has them. */
import type { UserPrice } from '../../shared/contract/config.ts'

export type Override = {
  /** The provider's name in the catalogue. */
  catalogueId: string
  /** null: every model of the provider. */
  model: string | null
  /** When it was checked; also its edition in a price stamp. */
  dated: string
} & ({ price: UserPrice } | { sameAs: string })

export const overrides: readonly Override[] = [
  // The catalogue still has the off-peak prices of 2025 for both names. Since V4 they stand for deepseek-v4-flash without
  // and with thinking, at its price: https://api-docs.deepseek.com/quick_start/pricing
  { catalogueId: 'deepseek', model: 'deepseek-chat', dated: '2026-11-22', sameAs: 'deepseek-v4-flash' },
  { catalogueId: 'deepseek', model: 'deepseek-reasoner', dated: '2026-11-22', sameAs: 'deepseek-v4-flash' },
  // Invented, so that whoever tries the sandbox sees a cost; nothing of it is ever owed.
  {
    catalogueId: 'sandbox',
    model: null,
    dated: '2026-11-22',
    price: {
      inputUsdPerMillion: 1,
      outputUsdPerMillion: 5,
      cacheReadUsdPerMillion: 0.1,
      cacheWrite5mUsdPerMillion: 1.25,
      cacheWrite1hUsdPerMillion: 2,
    },
  },
]

export function overrideOf(catalogueId: string, model: string): Override | undefined {
  return overrides.find((row) => row.catalogueId === catalogueId && (row.model === null || row.model === model))
}
