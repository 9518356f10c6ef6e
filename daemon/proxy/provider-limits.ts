/** Keeps to the limits that the user set on a provider: counts its calls, and lets those past a limit wait a little in line. */
import type { QuotaWindow } from '../../shared/contract/quota.ts'
import type { OwnLimits, Provider } from '../providers/provider.ts'
import { countedWindows, type Full, fullOf, type Moment, type Second, type Used, windowSeconds } from './limit-room.ts'

/** `left`: the call is over; what it used takes the place of what it was thought to. null: nothing is known of that. */
export type Entered = { kind: 'in'; left(tokens: number | null): void } | { kind: 'wait'; seconds: number; why: string }

export type ProviderLimits = {
  /** At once or not at all. `tokens`: what the call will use at least, by its size. */
  enter(provider: Provider, tokens: number): Entered
  /**
   * Where there is no room, waits for it behind those who came before, as long as that may come in time. It says `wait` too
   * once `gone` is aborted: nobody is left to be told.
   */
  queue(provider: Provider, tokens: number, gone: AbortSignal): Promise<Entered>
  /** What is left of the limits of these providers; those without any are left out. */
  counted(providers: Iterable<Provider>): { provider: string; windows: QuotaWindow[] }[]
  /** Calls that stand in line now. */
  waiting(): number
  /** Called with the provider's id when what is left of its limits changes but by time. */
  watch(fn: (provider: string) => void): () => void
}

export type LimitsDeps = {
  /** Monotonic ms; and wall clock, epoch ms. */
  clock(): number
  now(): number
  /** Calls that went to a provider today, with those that run, and when the day ends (epoch ms): the ledger's count. */
  sentToday(provider: string): { sent: number; endsAt: number }
  /** Does it later, unless the answer is called before. */
  later?(ms: number, work: () => void): () => void
}

/** Long enough for a slot to come free behind a short answer; most clients give up, or show nothing, for longer. */
const longestWaitMs = 10_000
/** What one person's agents send at once fits; more would be told to wait by the time it is their turn. */
const mostWaiting = 32
/** Nobody knows when a running call will be over. */
const waitForAnother = 2
const unlimited: Entered = { kind: 'in', left: () => {} }

type Waiter = { limits: OwnLimits; tokens: number; settle(entered: Entered): void }
type Line = { seconds: Second[]; running: number; waiting: Waiter[]; stop: (() => void) | undefined }

/** Minutes are forgotten with the process, as they would not matter when it is back; days are the ledger's. */
export function openProviderLimits({ clock, now, sentToday, later = afterwards }: LimitsDeps): ProviderLimits {
  const lines = new Map<string, Line>()
  const watching = new Set<(provider: string) => void>()
  const tell = (id: string) => {
    for (const fn of watching) fn(id)
  }

  function lineOf(id: string): Line {
    const line = lines.get(id) ?? { seconds: [], running: 0, waiting: [], stop: undefined }
    lines.set(id, line)
    const oldest = Math.floor(clock() / 1000) - windowSeconds
    if (line.seconds[0] && line.seconds[0].at <= oldest) line.seconds = line.seconds.filter(({ at }) => at > oldest)
    return line
  }

  function standing(id: string, { rpd }: OwnLimits): { used: Used; at: Moment } {
    const { seconds, running } = lineOf(id)
    // the ledger goes through all of the day's rows: only where somebody set such a limit
    const day = rpd === undefined ? null : sentToday(id)
    const dayEndsIn = day === null ? 0 : Math.max(1, day.endsAt - now())
    return { used: { seconds, running, today: day?.sent ?? 0 }, at: { clock: clock(), dayEndsIn } }
  }

  /** For one behind `ahead`: who came first is not passed by. */
  function fullFor(id: string, limits: OwnLimits, tokens: number, ahead: readonly Waiter[]): Full | undefined {
    const { used, at } = standing(id, limits)
    const more = { calls: ahead.length + 1, tokens: ahead.reduce((sum, one) => sum + one.tokens, tokens) }
    return fullOf(limits, used, more, at)
  }

  function take(id: string, tokens: number): Entered {
    const line = lineOf(id)
    const at = Math.floor(clock() / 1000)
    const last = line.seconds.at(-1)
    const second = last?.at === at ? last : { at, calls: 0, tokens: 0 }
    if (second !== last) line.seconds.push(second)
    second.calls++
    second.tokens += tokens
    line.running++
    tell(id)
    let isOver = false
    return {
      kind: 'in',
      left: (really) => {
        if (isOver) return
        isOver = true
        line.running--
        if (really !== null) second.tokens += really - tokens
        tell(id)
        wake(id)
      },
    }
  }

  /** Lets the first one in if there is room; else looks again when there is. */
  function wake(id: string): void {
    const line = lineOf(id)
    line.stop?.()
    line.stop = undefined
    const [first] = line.waiting
    if (!first) return
    const full = fullFor(id, first.limits, first.tokens, [])
    if (!full) first.settle(take(id, first.tokens))
    else if (full.afterMs !== null) line.stop = later(full.afterMs, () => wake(id))
  }

  function join(id: string, limits: OwnLimits, tokens: number, gone: AbortSignal, full: Full): Promise<Entered> {
    const line = lineOf(id)
    return new Promise((resolve) => {
      const waiter: Waiter = {
        limits,
        tokens,
        settle: (entered) => {
          stop()
          gone.removeEventListener('abort', leave)
          line.waiting.splice(line.waiting.indexOf(waiter), 1)
          resolve(entered)
          line.stop?.()
          // not in this turn: by then this one's start stands in the ledger, which counts the day
          line.stop = line.waiting.length > 0 ? later(0, () => wake(id)) : undefined
        },
      }
      const leave = () => {
        const ahead = line.waiting.slice(0, line.waiting.indexOf(waiter))
        waiter.settle(waitOf(fullFor(id, limits, tokens, ahead) ?? full))
      }
      const stop = later(longestWaitMs, leave)
      gone.addEventListener('abort', leave)
      line.waiting.push(waiter)
      if (line.waiting.length === 1) wake(id)
    })
  }

  return {
    enter({ id, limits }, tokens) {
      if (!limits) return unlimited
      const full = fullFor(id, limits, tokens, lineOf(id).waiting)
      return full ? waitOf(full) : take(id, tokens)
    },
    async queue({ id, limits }, tokens, gone) {
      if (!limits) return unlimited
      const { waiting } = lineOf(id)
      const full = fullFor(id, limits, tokens, waiting)
      if (!full) return take(id, tokens)
      const inTime = (full.afterMs ?? 0) <= longestWaitMs && waiting.length < mostWaiting
      return inTime && !gone.aborted ? join(id, limits, tokens, gone, full) : waitOf(full)
    },
    waiting: () => [...lines.values()].reduce((sum, { waiting }) => sum + waiting.length, 0),
    watch: (fn) => {
      watching.add(fn)
      return () => watching.delete(fn)
    },
    counted: (providers) =>
      [...providers].flatMap(({ id, limits }) => {
        if (!limits) return []
        const { used, at } = standing(id, limits)
        return [{ provider: id, windows: countedWindows(limits, used, at, now()) }]
      }),
  }
}

function waitOf({ afterMs, why }: Full): Entered {
  return { kind: 'wait', seconds: afterMs === null ? waitForAnother : Math.ceil(afterMs / 1000), why }
}

function afterwards(ms: number, work: () => void): () => void {
  const timer = setTimeout(work, ms).unref()
  return () => clearTimeout(timer)
}
