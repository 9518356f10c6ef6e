/** The words that Anthropic has for where it serves a call, read as ours (https://platform.claude.com/docs/en/manage-claude/data-residency). */
import type { ServedWithin } from '../../shared/contract/usage.ts'

export type Within = ServedWithin | 'anywhere'

/** Models before Claude 4.6 know no choice, and say so. */
const words = new Map<string, Within>(
  Object.entries({ us: 'us', global: 'anywhere', not_available: 'anywhere' } as const),
)

/** A request's or a reply's `inference_geo`; undefined: it says nothing. It is empty in some replies (seen 2026-09). */
export function withinOf(said: unknown): Within | undefined {
  return typeof said !== 'string' || said === '' ? undefined : (words.get(said.toLowerCase()) ?? 'other')
}
