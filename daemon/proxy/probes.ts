/** Lets one call at a time find out whether a target serves again once its cooldown is over. */

export type Probes = {
  /** Whoever takes it calls what comes back when its answer has begun, or has failed. null: another call is at it. */
  take(key: string): (() => void) | null
}

/** Kept in memory alone: a call that probes does not outlive its daemon. */
export function openProbes(): Probes {
  const taken = new Set<string>()
  return {
    take: (key) => {
      if (taken.has(key)) return null
      taken.add(key)
      let isOver = false
      return () => {
        // another call may have it by then
        if (!isOver) taken.delete(key)
        isOver = true
      }
    },
  }
}
