/** Keeps the newest reading of something slow, so that nobody who asks has to wait for it. */

export type Kept<T> = {
  /** At once; begins a new reading where this one is no longer fresh. null: there is none yet. */
  latest(): { value: T; ageMs: number } | null
  /** The same, but waits for the reading that runs, `ms` at most. */
  soon(ms: number): Promise<{ value: T; ageMs: number } | null>
}

/** `read` never rejects for what can be expected; what it does reject with goes to `failed`. `clock` in ms, monotonic. */
export function openKept<T>(options: {
  read(): Promise<T>
  freshMs(value: T): number
  failed(error: unknown): void
  clock(): number
}): Kept<T> {
  const { read, freshMs, failed, clock } = options
  let kept: { value: T; at: number } | null = null
  let reading: Promise<void> | undefined

  function begin(): Promise<void> {
    reading ??= read()
      .then((value) => {
        kept = { value, at: clock() }
      }, failed)
      .finally(() => {
        reading = undefined
      })
    return reading
  }

  const isFresh = () => kept !== null && clock() - kept.at < freshMs(kept.value)
  const shown = () => kept && { value: kept.value, ageMs: clock() - kept.at }

  return {
    latest() {
      if (!isFresh()) void begin()
      return shown()
    },
    async soon(ms) {
      if (!isFresh()) await Promise.race([begin(), later(ms)])
      return shown()
    },
  }
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref()
  })
}
