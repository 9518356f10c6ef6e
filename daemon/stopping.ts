/** The stop of the daemon: begun once, whoever asks for it, and told to whoever waits for its end. */

export type Stopping = {
  /** It has begun: no call is taken in any more. */
  isStopping(): boolean
  /** Resolves when somebody asked for it and it is over. */
  stopped: Promise<void>
  /** Gives what is under way this long to end. A second call cuts it at once. Both resolve when all is over. */
  stop(graceSeconds?: number): Promise<void>
}

/** `takeDown` gets the seconds of grace, and ends all that runs; `cut` ends at once what it waits for. */
export function openStopping(takeDown: (graceSeconds: number) => Promise<void>, cut: () => void): Stopping {
  let stopping: Promise<void> | undefined
  let settleStopped: () => void = () => {}
  const stopped = new Promise<void>((resolve) => {
    settleStopped = resolve
  })

  function stop(graceSeconds = 30): Promise<void> {
    if (stopping) {
      cut()
      return stopping
    }
    stopping = takeDown(graceSeconds).then(settleStopped)
    return stopping
  }

  return { isStopping: () => stopping !== undefined, stopped, stop }
}
