/** Tells of things that change often once a pause, each by its name. */
export type Gathered = { add(name: string): void; close(): void }

export function openGathered(pauseMs: number, tell: (name: string) => void): Gathered {
  const changed = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  const tellAll = () => {
    timer = undefined
    const names = [...changed]
    changed.clear()
    for (const name of names) tell(name)
  }
  return {
    add(name) {
      changed.add(name)
      timer ??= setTimeout(tellAll, pauseMs).unref()
    },
    close: () => clearTimeout(timer),
  }
}
