/** THE list of cards, in the order in which they stand. */
import type { JSX } from 'preact'
import { Budgets } from './budgets.tsx'
import type { Shown } from './card.ts'
import { Models } from './models.tsx'
import { Now } from './now.tsx'
import { Recent } from './recent.tsx'
import { Timeline } from './timeline.tsx'
import { TotalsCard } from './totals.tsx'
import { Warnings } from './warnings.tsx'

export const cards: readonly { id: string; Body: (shown: Shown) => JSX.Element | null }[] = [
  { id: 'warnings', Body: Warnings },
  { id: 'totals', Body: TotalsCard },
  { id: 'now', Body: Now },
  { id: 'timeline', Body: Timeline },
  { id: 'budgets', Body: Budgets },
  { id: 'models', Body: Models },
  { id: 'recent', Body: Recent },
]
