/** Providers' limits that somebody was told of as nearly or wholly used up, until a reading shows that they have room again. */
import type { QuotaWindow } from '../../shared/contract/quota.ts'
import { keyOf } from './buckets.ts'
import { quotaKey } from './quotas.ts'
import { isArray, isInstant, readAll } from './reading.ts'
import type { Slice } from './slice.ts'

/** The oldest goes first. */
const episodeBound = 500

/** From this share on, in percent, a limit is nearly used up; below the other one it surely has room again. */
export const nearPct = 90
const roomPct = 80

export type QuotaEpisode = {
  /** Of its quota, and of its window in there. */
  quota: string
  window: string
  /** When the reading was taken that began it. */
  since: number
  /** In percent: the highest that was told, and when. */
  threshold: number
  toldAt: number
  /** A later reading has shown room, and that it is usable again is still to be told. */
  hasRoom: boolean
  /** That it is usable again was told. */
  isUsable: boolean
}
/** By quota and window, oldest first. */
export type QuotaEpisodes = Map<string, QuotaEpisode>

export function episodeKey(quota: string, window: string): string {
  return keyOf([quota, window])
}

/**
 * Only what a provider states ends one, or proves by a good answer: a reading that names no share or none of this window, a reset that
 * has passed unseen, or an older reading that comes late says nothing.
 */
export const quotaEpisodes: Slice<QuotaEpisodes> = {
  empty: () => new Map(),

  fold(state, { e, t }) {
    if (e.type === 'quota.read') {
      if (state.size === 0) return
      const quota = quotaKey(e.provider, e.account, e.model)
      for (const window of e.windows) read(state, quota, window)
    } else if (e.type === 'alert.raised') {
      const { kind, provider, account, model, window, since, threshold } = e.about
      if (provider === undefined || account === undefined || window === undefined) return
      const quota = quotaKey(provider, account, model ?? null)
      if (kind === 'quota')
        begin(state, { quota, window, since, threshold, toldAt: t, hasRoom: false, isUsable: false })
      else if (kind === 'usable') usable(state, quota)
    }
  },

  write: (state) =>
    [...state.values()].map((row) => [
      row.quota,
      row.window,
      row.since,
      row.threshold,
      row.toldAt,
      row.hasRoom,
      row.isUsable,
    ]),

  read(json) {
    const rows = readAll(json, readEpisode)
    return rows && new Map(rows.map((row) => [episodeKey(row.quota, row.window), row]))
  },
}

function begin(state: QuotaEpisodes, episode: QuotaEpisode): void {
  state.set(episodeKey(episode.quota, episode.window), episode)
  const oldest = state.keys().next()
  if (state.size > episodeBound && !oldest.done) state.delete(oldest.value)
}

function read(state: QuotaEpisodes, quota: string, window: QuotaWindow): void {
  const episode = state.get(episodeKey(quota, window.name))
  if (!episode || window.measuredAt < episode.toldAt || !showsRoom(window)) return
  if (wasUsedUp(episode)) episode.hasRoom = true
  else state.delete(episodeKey(quota, window.name))
}

function showsRoom({ usedPct, status, remaining }: QuotaWindow): boolean {
  return usedPct !== null && usedPct < roomPct && status !== 'rejected' && remaining !== 0
}

/** Told for all that was used up of one quota. */
function usable(state: QuotaEpisodes, quota: string): void {
  for (const [key, episode] of state) {
    if (episode.quota !== quota || !wasUsedUp(episode)) continue
    if (episode.hasRoom) state.delete(key)
    else episode.isUsable = true
  }
}

/** And nobody was told yet that it is usable again. */
export function wasUsedUp(episode: QuotaEpisode): boolean {
  return episode.threshold >= 100 && !episode.isUsable
}

function readEpisode(json: unknown): QuotaEpisode | undefined {
  if (!isArray(json) || json.length !== 7) return undefined
  const [quota, window, since, threshold, toldAt, hasRoom, isUsable] = json
  if (typeof quota !== 'string' || typeof window !== 'string' || typeof threshold !== 'number') return undefined
  if (!isInstant(since) || !isInstant(toldAt)) return undefined
  if (typeof hasRoom !== 'boolean' || typeof isUsable !== 'boolean') return undefined
  return { quota, window, since, threshold, toldAt, hasRoom, isUsable }
}
