/** Which cooldowns an event proves over before they would end by themselves: a good answer, or a limit that has room again. */
import type { AttemptEnded, CooldownEnded, CooldownSet, Event, QuotaRead } from '../../../shared/contract/event.ts'
import { type Cooldown, cooldownKey, isVoid } from '../cooldowns.ts'
import type { Ledger } from '../ledger.ts'
import { quotaKey } from '../quotas.ts'
import { type CooldownNow, cooldownNow } from './cooling.ts'
import { provenSince } from './good-answer.ts'
import { countsModel, isExhausted, type WindowNow, windowNow } from './windows.ts'

const none: readonly (CooldownEnded | CooldownSet)[] = []

/**
 * What is to be recorded behind `e`; asked before it is. `sentAt`: when the call of a quota.read began, epoch ms; undefined: nobody
 * knows. What was sent before a cooldown was set says nothing of what came after it.
 */
export function cooldownsAfter(
  ledger: Ledger,
  e: Event,
  now: number,
  sentAt?: number,
): readonly (CooldownEnded | CooldownSet)[] {
  if (ledger.cooldowns.size === 0) return none
  if (e.type === 'attempt.ended') return endedByAnswer(ledger, e, now)
  if (e.type === 'quota.read' && sentAt !== undefined) return endedByReading(ledger, e, now, sentAt)
  return none
}

function endedByAnswer(ledger: Ledger, e: AttemptEnded, now: number): CooldownEnded[] {
  const sentAt = provenSince(ledger, e)
  if (sentAt === undefined) return []
  return [null, e.model]
    .map((model) => ledger.cooldowns.get(cooldownKey(e.provider, e.account, model)))
    .filter((row) => row !== undefined)
    .filter((row) => row.setAt < sentAt || isVoid(row, now))
    .map((row) => endOf(row, 'answered'))
}

/** Of a limit that was used up: it has room again, or comes back earlier than it said before. Any other reading is no news. */
function endedByReading(
  ledger: Ledger,
  reading: QuotaRead,
  now: number,
  sentAt: number,
): (CooldownEnded | CooldownSet)[] {
  const found: (CooldownEnded | CooldownSet)[] = []
  for (const standing of ledger.cooldowns.values()) {
    const row = cooldownNow(standing, now)
    if (!row || row.isOver || row.setAt >= sentAt || !isOfLimit(row, reading)) continue
    const until = untilAfter(ledger, row, reading, now)
    if (until === 'over') found.push(endOf(row, 'limit-read'))
    else if (until < row.until) found.push(shortened(row, until))
  }
  return found
}

function isOfLimit({ provider, account, model, refusal }: Cooldown, reading: QuotaRead): boolean {
  if (provider !== reading.provider || account !== reading.account) return false
  return (refusal === 'rate' || refusal === 'plan') && (reading.model === null || reading.model === model)
}

/** When the cooldown ends by what the reading says; its own end where that is no news. */
function untilAfter(ledger: Ledger, row: CooldownNow, reading: QuotaRead, now: number): number | 'over' {
  const { provider, account, model } = row
  const said = new Map(reading.windows.map((window) => [window.name, windowNow(window, now)]))
  const quotas = [null, ...(model === null ? [] : [model])].map((of) =>
    ledger.quotas.get(quotaKey(provider, account, of)),
  )
  const usedUp = quotas.flatMap((quota) =>
    [...(quota?.windows.values() ?? [])]
      .map((window) => windowNow(window, now))
      .filter((window) => isExhausted(window) && countsModel(window.name, model ?? ''))
      .map((before) => ({ before, after: (quota?.model === reading.model && said.get(before.name)) || before })),
  )
  if (usedUp.every(({ before, after }) => before === after)) return row.until
  const left = usedUp.map(({ after }) => after).filter(isExhausted)
  if (left.length === 0) return 'over'
  const [was, is] = [lastReset(usedUp.map(({ before }) => before)), lastReset(left)]
  return is !== null && is > now && (was === null || is < was) ? is : row.until
}

/** null: one of them does not say. */
function lastReset(windows: readonly WindowNow[]): number | null {
  return windows.reduce<number | null>(
    (last, { resetsAt }) => (last === null || resetsAt === null ? null : Math.max(last, resetsAt)),
    0,
  )
}

function endOf({ provider, account, model }: Cooldown, why: CooldownEnded['why']): CooldownEnded {
  return { type: 'cooldown.ended', provider, account, model, why }
}

function shortened({ provider, account, model, refusal, strikes }: Cooldown, until: number): CooldownSet {
  return { type: 'cooldown.set', provider, account, model, until, refusal, strikes, attempt: null }
}
