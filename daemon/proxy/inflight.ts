/** What runs now: kept in memory only, for the count that clients see and for a stop that waits, then cuts. */

/** `answered`: it is recorded as over, though its last bytes may still be on their way. `left`: those are through too. */
type Running = { answered(): void; left(): void }

export type InFlight = {
  enter(cut: () => void): Running
  /** Calls whose answer is not complete yet. */
  count(): number
  /** Resolves when nothing runs, or after `graceMs`, when all that still runs has been cut. */
  drain(graceMs: number): Promise<void>
  cutAll(): void
}

const cutMs = 2_000

/** `cut` holds on to the whole call, so it is null once the call is over: see "Speed" in ARCHITECTURE.md. */
type Inside = { cut: (() => void) | null }

export function openInFlight(): InFlight {
  const running = new Set<Inside>()
  let open = 0
  let empty: (() => void) | undefined

  const cutAll = () => {
    for (const { cut } of [...running]) cut?.()
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
    enter: (cut) => {
      const one: Inside = { cut }
      let isOpen = true
      running.add(one)
      open++
      const answered = () => {
        if (isOpen) open--
        isOpen = false
      }
      return {
        answered,
        left: () => {
          answered()
          one.cut = null
          running.delete(one)
          if (running.size === 0) empty?.()
        },
      }
    },
    count: () => open,
    cutAll,
    drain: async (graceMs) => {
      if (await emptyWithin(graceMs)) return
      cutAll()
      // a cut call still writes its end down
      await emptyWithin(cutMs)
    },
  }
}
