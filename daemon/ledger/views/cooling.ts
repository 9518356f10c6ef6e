/** Whether a target is avoided now, and what stood before: what is still true of the cooldowns at a given now. */
import type { RefusalKind } from '../../../shared/contract/refusal.ts'
import { type Cooldown, cooldownKey, isForgotten, isVoid, untilOf } from '../cooldowns.ts'
import type { Ledger } from '../ledger.ts'

/** `half-open`: its time is over, but no good answer came since; one call finds out. `until` in epoch ms. */
export type Cooling =
  | { kind: 'free' }
  | { kind: 'cooling'; until: number; refusal: RefusalKind }
  | { kind: 'half-open'; refusal: RefusalKind }

/** A cooldown that counts at now, with its end as it is cut. `isOver`: half-open. */
export type CooldownNow = Cooldown & { isOver: boolean }

const free: Cooling = { kind: 'free' }

/** undefined: it is void, or so long past that it counts no more. */
export function cooldownNow(row: Cooldown, now: number): CooldownNow | undefined {
  if (isVoid(row, now) || isForgotten(row, now)) return undefined
  const until = untilOf(row)
  return { ...row, until, isOver: until <= now }
}

/**
 * Of the account's own cooldown and the model's the one that lasts longer counts. `model` as it stands in events; null: the call
 * does not say which.
 */
export function coolingOf(
  ledger: Ledger,
  provider: string,
  account: string,
  model: string | null,
  now: number,
): Cooling {
  // asked for each target of each call
  if (ledger.cooldowns.size === 0) return free
  const binding = bindingOf(ledger, provider, account, model, now)
  if (!binding) return free
  const { until, refusal, isOver } = binding
  return isOver ? { kind: 'half-open', refusal } : { kind: 'cooling', until, refusal }
}

/** What coolingOf goes by; undefined: the target is free. */
export function bindingOf(
  ledger: Ledger,
  provider: string,
  account: string,
  model: string | null,
  now: number,
): CooldownNow | undefined {
  const ofAccount = cooldownBefore(ledger, provider, account, null, now)
  const ofModel = model === null ? undefined : cooldownBefore(ledger, provider, account, model, now)
  return ofAccount && (!ofModel || ofAccount.until >= ofModel.until) ? ofAccount : ofModel
}

/** Those that stand, also those whose time is over. `model` `*`: the account's own, and all of its models'. */
export function cooldownsOf({ cooldowns }: Ledger, provider: string, model: string, now: number): CooldownNow[] {
  return [...cooldowns.values()]
    .filter((row) => row.provider === provider && (model === '*' || row.model === model))
    .map((row) => cooldownNow(row, now))
    .filter((row) => row !== undefined)
}

/** The cooldown that a new one follows, of the account (`model` null) or of one model; undefined: strikes start anew. */
export function cooldownBefore(
  { cooldowns }: Ledger,
  provider: string,
  account: string,
  model: string | null,
  now: number,
): CooldownNow | undefined {
  const row = cooldowns.get(cooldownKey(provider, account, model))
  return row && cooldownNow(row, now)
}
