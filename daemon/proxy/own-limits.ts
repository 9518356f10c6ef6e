/** Holds a call to the limits that the user set on its provider: in, in line for a while, or our no. */
import type { ServerResponse } from 'node:http'
import { duration } from '../../shared/format.ts'
import type { Call, Target } from './call.ts'
import type { Entered, ProviderLimits } from './provider-limits.ts'
import type { No } from './refuse.ts'

/** Near enough until the reply tells. */
const bytesAToken = 4

/** At once or not: another target may have room. */
export function enterNow(call: Call, { provider }: Target, limits: ProviderLimits): Entered {
  return limits.enter(provider, call.plain.length / bytesAToken)
}

/** For a call that can go nowhere else: it waits for room until its client leaves. */
export async function waitToEnter(
  call: Call,
  target: Target,
  response: ServerResponse,
  limits: ProviderLimits,
): Promise<Entered> {
  const entered = enterNow(call, target, limits)
  if (entered.kind === 'in') return entered
  const gone = new AbortController()
  const leave = () => gone.abort()
  response.once('close', leave)
  if (response.destroyed) leave()
  const waited = await limits.queue(target.provider, call.plain.length / bytesAToken, gone.signal)
  response.off('close', leave)
  return waited
}

export function noRoom({ why, seconds }: { why: string; seconds: number }, { provider }: Target): No {
  const detail = `Provider ${provider.id} is limited to ${why} under its "limits" in config.jsonc. Try again in ${duration(seconds * 1000)}.`
  return { code: 'rate_limited', detail, wait: seconds }
}
