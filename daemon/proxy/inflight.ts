/** What runs now: kept in memory only, for the count that clients see and for a stop that waits, then cuts. */

/** `answered`: it is recorded as over, though its last bytes may still be on their way. `left`: those are through too. */
export type Running = { answered(): void; left(): void }

export type InFlight = {
  enter(callId: string, cut: () => void): Running
  /** Calls whose answer is not complete yet. */
  count(): number
  /** Resolves when nothing runs, or after `graceMs`, when all that still runs has been cut. */
  drain(graceMs: number): Promise<void>
  cutAll(): void
}

const cutMs = 2_000

export function openInFlight(): InFlight {
  const running = new Map<string, () => void>()
  const open = new Set<string>()
  let empty: (() => void) | undefined

  const cutAll = () => {
    for (const cut of [...running.values()]) cut()
  }
  async function emptyWithin(ms: number): Promise<boolean> {
    if (running.size === 0) return true
    let timer: NodeJS.Timeout | undefined
    await Promise.race([
      new Promise<void>((resolve) => {
        empty = resolve
      }),
      new Promise<void>((resolve) => {
        timer = setTimeout(resolve, ms)
      }),
    ])
    clearTimeout(timer)
    return running.size === 0
  }
  return {
    enter: (callId, cut) => {
      running.set(callId, cut)
      open.add(callId)
      return {
        answered: () => open.delete(callId),
        left: () => {
          open.delete(callId)
          running.delete(callId)
          if (running.size === 0) empty?.()
        },
      }
    },
    count: () => open.size,
    cutAll,
    drain: async (graceMs) => {
      if (await emptyWithin(graceMs)) return
      cutAll()
      // a cut call still writes its end down
      await emptyWithin(cutMs)
    },
  }
}
