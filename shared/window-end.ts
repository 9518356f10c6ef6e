/** What the clock alone does to a window of a limit; pure. The daemon's views go by it, and so do clients while nobody tells them. */
import type { QuotaWindow } from './contract/quota.ts'

/** Instants in epoch ms. */
export type Dated = Pick<QuotaWindow, 'resetsAt' | 'measuredAt'> & { source: string }

/** A window that nothing was heard of since its reset is forgotten after this long. */
export const forgottenAfterMs = 8 * 24 * 3_600_000

/** Its reset has passed, and nothing was read since: a reading taken at or after the reset that it names speaks of a window that is full again. */
export function isReset({ resetsAt, measuredAt }: Dated, now: number): boolean {
  return resetsAt !== null && resetsAt <= now && measuredAt < resetsAt
}

export function isForgotten({ source, resetsAt, measuredAt }: Dated, now: number): boolean {
  // a refusal's body tells of a limit only while it holds
  if (source === 'body' && resetsAt !== null && resetsAt <= now) return true
  return now - Math.max(resetsAt ?? measuredAt, measuredAt) > forgottenAfterMs
}
