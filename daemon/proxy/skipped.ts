/** What a call passes over on its way, and what of it was told. */
import type { RefusalKind, SkippedTarget, SkipReason } from '../../shared/contract/refusal.ts'
import type { Target } from './call.ts'
import { safeName } from './names.ts'
import type { Way } from './way.ts'

export function skip(
  way: Way,
  { provider, model }: Target,
  why: SkipReason,
  until: number | null,
  refusal: RefusalKind | null,
  budget?: SkippedTarget['budget'],
): void {
  const named = model ?? way.call.model
  const passed = { provider: provider.id, model: named === null ? null : safeName(named), why, until, refusal }
  way.skipped.push(budget ? { ...passed, budget } : passed)
}

/** What was passed over since this was asked last. */
export function newlySkipped(way: Way): SkippedTarget[] {
  if (way.told === way.skipped.length) return []
  const skipped = way.skipped.slice(way.told)
  way.told = way.skipped.length
  return skipped
}
