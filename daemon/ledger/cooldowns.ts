/** Which targets are avoided until when: by account, and by model where the refusal was that model's alone. */
import type { CooldownLifted, CooldownSet } from '../../shared/contract/event.ts'
import { type RefusalKind, refusalKind } from '../../shared/contract/refusal.ts'
import { keyOf } from './buckets.ts'
import { isArray, isCount, isInstant, nameAt, readAll } from './reading.ts'
import type { Slice } from './slice.ts'
import { dayMs } from './zone.ts'

/** The one set longest ago goes first. */
export const cooldownBound = 500
/** Once it is over for this long, it is as if it had never been: strikes start anew. */
const forgottenAfterMs = dayMs

/** No cooldown lasts longer, whatever set it, for a clock that jumped or a reset read wrongly. Plans have windows of a week. */
const longestMs = { plan: 8 * dayMs, other: dayMs }

export type Cooldown = {
  provider: string
  account: string
  /** null: for every model of the account. */
  model: string | null
  setAt: number
  until: number
  refusal: RefusalKind
  strikes: number
}
/** A row stays for a day once its time is over, until an answer proves the target well: its next refusal then waits longer. */
export type Cooldowns = Map<string, Cooldown>

export function cooldownKey(provider: string, account: string, model: string | null): string {
  return keyOf(model === null ? [provider, account] : [provider, account, model])
}

/** Set later than now: the clock stood wrong then, or does now. */
export function isVoid({ setAt }: Cooldown, now: number): boolean {
  return setAt > now
}

/** When it ends at the latest, epoch ms. */
export function untilOf({ setAt, until, refusal }: Cooldown): number {
  return Math.min(until, setAt + (refusal === 'plan' ? longestMs.plan : longestMs.other))
}

export function isForgotten(row: Cooldown, now: number): boolean {
  return now - untilOf(row) >= forgottenAfterMs
}

export const cooldowns: Slice<Cooldowns> = {
  empty: () => new Map(),

  fold(state, { e, t }) {
    if (e.type === 'cooldown.set') set(state, e, t)
    else if (e.type === 'cooldown.lifted') lift(state, e)
    else if (e.type === 'cooldown.ended') state.delete(cooldownKey(e.provider, e.account, e.model))
  },

  write: (state, names) =>
    [...state.values()].map((row) => [
      names.idOf(row.provider),
      names.idOf(row.account),
      row.model === null ? null : names.idOf(row.model),
      row.setAt,
      row.until,
      row.refusal,
      row.strikes,
    ]),

  read(json, names) {
    const rows = readAll(json, (part) => readCooldown(part, names))
    return rows && new Map(rows.map((row) => [cooldownKey(row.provider, row.account, row.model), row]))
  },
}

function set(state: Cooldowns, { provider, account, model, until, refusal, strikes }: CooldownSet, t: number): void {
  for (const [key, row] of state) if (isVoid(row, t) || isForgotten(row, t)) state.delete(key)
  const key = cooldownKey(provider, account, model)
  // the newest stands last
  state.delete(key)
  state.set(key, { provider, account, model, setAt: t, until, refusal, strikes })
  const oldest = state.keys().next()
  if (state.size > cooldownBound && !oldest.done) state.delete(oldest.value)
}

function lift(state: Cooldowns, { provider, account, model }: CooldownLifted): void {
  for (const [key, row] of state) {
    if (row.provider !== provider || (account !== null && row.account !== account)) continue
    if (model === null || row.model === model) state.delete(key)
  }
}

function readCooldown(json: unknown, names: readonly string[]): Cooldown | undefined {
  if (!isArray(json) || json.length !== 7) return undefined
  const [provider, account] = [nameAt(names, json[0]), nameAt(names, json[1])]
  const model = json[2] === null ? null : nameAt(names, json[2])
  const [setAt, until, strikes] = [json[3], json[4], json[6]]
  const kind = refusalKind.safeParse(json[5])
  if (provider === undefined || account === undefined || model === undefined || !kind.success) return undefined
  if (!isInstant(setAt) || !isInstant(until) || !isCount(strikes)) return undefined
  return { provider, account, model, setAt, until, refusal: kind.data, strikes }
}
