/** Gathers what the calls of one turn of the event loop tell, so that it is written at once: a write of ten lines costs as much as one of one. */
import type { Entry } from '../../shared/contract/event.ts'

type LoopTurn = {
  append(entry: Entry): void
  /** Has what was appended so far written now, not at the end of the turn. */
  settle(): void
  /** Resolves once what was appended so far was written. */
  written(): Promise<void>
  /** Appended, and not written yet. */
  waiting(): readonly Entry[]
}

/** More than any turn brings, but where a start ends what a former daemon left open. */
const mostAtOnce = 256
const nothingWaits = Promise.resolve()

/** `write` gets the entries in their order, at least one; it never throws. */
export function openLoopTurn(write: (entries: readonly Entry[]) => void): LoopTurn {
  let waiting: Entry[] = []
  let whoWaits: { over: Promise<void>; end(): void } | null = null

  function settle(): void {
    if (waiting.length === 0) return
    const entries = waiting
    waiting = []
    write(entries)
    whoWaits?.end()
    whoWaits = null
  }

  return {
    append(entry) {
      if (waiting.push(entry) === 1) setImmediate(settle)
      if (waiting.length === mostAtOnce) settle()
    },
    settle,
    written() {
      if (waiting.length === 0) return nothingWaits
      whoWaits ??= promised()
      return whoWaits.over
    },
    waiting: () => waiting,
  }
}

function promised(): { over: Promise<void>; end(): void } {
  let end = () => {}
  const over = new Promise<void>((resolve) => {
    end = resolve
  })
  return { over, end }
}
