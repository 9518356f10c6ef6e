/** What is to be told of a provider's limit: that it is nearly used up, used up, or usable again. Once an episode. */
import type { AlertAbout } from '../../../shared/contract/alert.ts'
import type { QuotaWindow } from '../../../shared/contract/quota.ts'
import { clockTime, percent } from '../../../shared/format.ts'
import { isForgotten } from '../../../shared/window-end.ts'
import { accountKey } from '../accounts.ts'
import type { Ledger } from '../ledger.ts'
import { episodeKey, nearPct, type QuotaEpisode, wasUsedUp } from '../quota-episodes.ts'
import { type Quota, quotaKey } from '../quotas.ts'
import { hourMs } from '../zone.ts'
import { accountLabel } from './account-label.ts'
import { isExhausted, isSubscriptionWindow, type WindowNow, windowNow } from './windows.ts'

export type DueAlert = { id: string; about: AlertAbout }

/** To be raised now, each once; the caller sees to it that no simulated account is asked for. */
export function quotaAlertsDue(ledger: Ledger, quota: Quota, now: number): DueAlert[] {
  const usable = usableDue(ledger, quota, now)
  // told before what comes after it, and that is found at the next look
  if (usable) return [usable]
  return [...quota.windows.values()].flatMap((window) => nearDue(ledger, quota, window, now) ?? [])
}

function nearDue(ledger: Ledger, quota: Quota, window: QuotaWindow, now: number): DueAlert | undefined {
  const here = windowNow(window, now)
  const threshold = thresholdOf(here)
  if (threshold === undefined || !isWorthTelling(window) || isForgotten(window, now)) return undefined
  const episode = ledger.quotaEpisodes.get(episodeKey(keyOfQuota(quota), window.name))
  if (episode && episode.threshold >= threshold) return undefined
  const since = episode?.since ?? window.measuredAt
  const resets = here.resetsAt === null ? '' : `; it resets ${clockTime(here.resetsAt, now, ledger.zone.name)}`
  const how = threshold === 100 ? 'used up' : `${percent(here.usedPct ?? nearPct)} used`
  return dueOf('quota', quota, here, { since, threshold, text: `${nameOf(ledger, quota, here)} is ${how}${resets}.` })
}

/** undefined: far from its end, or the reading does not tell. */
function thresholdOf(window: WindowNow): number | undefined {
  if (!window.confirmed) return undefined
  if (isExhausted(window)) return 100
  return window.name !== 'credits' && window.name !== 'overage' && (window.usedPct ?? 0) >= nearPct
    ? nearPct
    : undefined
}

/** What comes back within minutes is nothing that anybody could act on. */
function isWorthTelling({ name, resetsAt, measuredAt }: QuotaWindow): boolean {
  if (isSubscriptionWindow(name) || /-(day|week|month)$/.test(name)) return true
  return resetsAt !== null && resetsAt - measuredAt >= hourMs
}

/** Once nothing of the quota is used up any more: by a reading, or as the reset that the provider stated has passed. */
function usableDue(ledger: Ledger, quota: Quota, now: number): DueAlert | undefined {
  const used = usedUp(ledger, quota)
  if (used.length === 0) return undefined
  const windows = new Map([...quota.windows].map(([name, window]) => [name, windowNow(window, now)]))
  if ([...windows.values()].some(isExhausted)) return undefined
  const isBack = ({ hasRoom, window }: QuotaEpisode) => hasRoom || windows.get(window)?.confirmed === false
  const [last] = [...used].sort((a, b) => b.toldAt - a.toldAt)
  const window = last && windows.get(last.window)
  if (!window || !used.every(isBack)) return undefined
  const text = `${nameOf(ledger, quota, window)} can be used again.`
  return dueOf('usable', quota, window, { since: last.since, threshold: 100, text })
}

function usedUp(ledger: Ledger, quota: Quota): QuotaEpisode[] {
  const key = keyOfQuota(quota)
  return [...ledger.quotaEpisodes.values()].filter((episode) => episode.quota === key && wasUsedUp(episode))
}

/** When the next limit that was told as used up comes back, as its provider stated; epoch ms. */
export function nextUsableAt(ledger: Ledger, now: number): number | undefined {
  let soonest: number | undefined
  for (const episode of ledger.quotaEpisodes.values()) {
    if (!wasUsedUp(episode)) continue
    const at = ledger.quotas.get(episode.quota)?.windows.get(episode.window)?.resetsAt ?? null
    if (at !== null && at > now && (soonest === undefined || at < soonest)) soonest = at
  }
  return soonest
}

function dueOf(
  kind: 'quota' | 'usable',
  { provider, account, model }: Quota,
  { name, limit, usedPct, resetsAt }: WindowNow,
  told: { since: number; threshold: number; text: string },
): DueAlert {
  const of = [provider, account, ...(model === null ? [] : [model]), name]
  return {
    id: [kind, ...of, told.since, told.threshold].join(':'),
    about: {
      kind,
      provider,
      account,
      ...(model !== null && { model }),
      window: name,
      limit,
      unit: null,
      usedPct: usedPct ?? (kind === 'quota' ? told.threshold : 0),
      threshold: told.threshold,
      since: told.since,
      until: resetsAt,
      overAt: null,
      text: told.text,
    },
  }
}

function keyOfQuota({ provider, account, model }: Quota): string {
  return quotaKey(provider, account, model)
}

/** "Claude plan, limit 5h", "Groq key …3f9a, limit requests-day of llama-3". */
function nameOf(ledger: Ledger, { provider, account, model }: Quota, { name }: WindowNow): string {
  const billing = ledger.accounts.get(accountKey(provider, account))?.billing ?? null
  return `${accountLabel({ provider, account, billing })}: limit ${name}${model === null ? '' : ` of ${model}`}`
}
