/** Keeps to the limits that the user set on a provider: calls and tokens a minute, and calls at once. */
import type { OwnLimits, Provider } from '../providers/provider.ts'

/** `left`: the call is over; what it used takes the place of what it was thought to. null: nothing is known of that. */
export type Entered = { kind: 'in'; left(tokens: number | null): void } | { kind: 'wait'; seconds: number; why: string }

export type ProviderLimits = {
  /** `tokens`: what the call will use at least, by its size. */
  enter(provider: Provider, tokens: number): Entered
}

/** What began in one second. */
type Second = { at: number; calls: number; tokens: number }
type Used = { seconds: Second[]; running: number }

const windowSeconds = 60
/** Nobody knows when a running call will be over. */
const waitForAnother = 2
const unlimited: Entered = { kind: 'in', left: () => {} }

/** `clock`: monotonic ms. What was used is forgotten with the process: a minute later it would not matter. */
export function openProviderLimits(clock: () => number): ProviderLimits {
  const used = new Map<string, Used>()

  function usedOf(id: string, now: number): Used {
    const known = used.get(id) ?? { seconds: [], running: 0 }
    used.set(id, known)
    known.seconds = known.seconds.filter(({ at }) => at > now - windowSeconds)
    return known
  }

  return {
    enter({ id, limits }, tokens) {
      if (!limits) return unlimited
      const now = Math.floor(clock() / 1000)
      const known = usedOf(id, now)
      const full = fullOf(limits, known, tokens, now)
      if (full) return { kind: 'wait', ...full }
      const last = known.seconds.at(-1)
      const second = last?.at === now ? last : { at: now, calls: 0, tokens: 0 }
      if (second !== last) known.seconds.push(second)
      second.calls++
      second.tokens += tokens
      known.running++
      let isOver = false
      return {
        kind: 'in',
        left: (really) => {
          if (isOver) return
          isOver = true
          known.running--
          if (really !== null) second.tokens += really - tokens
        },
      }
    },
  }
}

function fullOf(
  { rpm, tpm, concurrent }: OwnLimits,
  { seconds, running }: Used,
  tokens: number,
  now: number,
): { seconds: number; why: string } | undefined {
  if (concurrent !== undefined && running >= concurrent) {
    return { seconds: waitForAnother, why: `${concurrent} calls at once ("concurrent")` }
  }
  const calls = seconds.reduce((sum, second) => sum + second.calls, 0)
  if (rpm !== undefined && calls + 1 > rpm) {
    return { seconds: untilFree(seconds, 'calls', calls + 1 - rpm, now), why: `${rpm} calls a minute ("rpm")` }
  }
  const sum = seconds.reduce((total, second) => total + second.tokens, 0)
  // one that is larger than the limit by itself would else never go
  if (tpm !== undefined && sum > 0 && sum + tokens > tpm) {
    return { seconds: untilFree(seconds, 'tokens', sum + tokens - tpm, now), why: `${tpm} tokens a minute ("tpm")` }
  }
  return undefined
}

/** Seconds until at least `needed` of what was used is a minute old. */
function untilFree(seconds: readonly Second[], what: 'calls' | 'tokens', needed: number, now: number): number {
  let freed = 0
  for (const second of seconds) {
    freed += second[what]
    if (freed >= needed) return Math.max(1, second.at + windowSeconds - now)
  }
  return windowSeconds
}
