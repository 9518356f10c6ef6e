/** Says when a file may have changed: by the system's word where it gives one, and by a slow look in any case. */
import { type FSWatcher, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Log } from '../../shared/contract/log.ts'

export type FileWatch = {
  /** Has it looked at once more, in so many ms. */
  again(inMs: number): void
  close(): void
}

/** Editors write in several steps; what follows within this time belongs together. */
const settleMs = 100
const lookEveryMs = 5000

/** The folder is watched, not the file: most editors put a new file in the old one's place. `look` must not throw. */
export function watchFile(path: string, look: () => void, log: Log, pollMs = lookEveryMs): FileWatch {
  const name = basename(path)
  let timer: NodeJS.Timeout | undefined
  const poll = setInterval(look, pollMs).unref()
  const again = (inMs: number) => {
    clearTimeout(timer)
    timer = setTimeout(look, inMs).unref()
  }
  const blind = (error: unknown) =>
    log.info('The system does not tell of changes in the home; config.jsonc is looked at every few seconds', {
      error: String(error),
    })
  const watcher = startWatching()

  function startWatching(): FSWatcher | undefined {
    try {
      const started = watch(dirname(path), { persistent: false }, (_event, changed) => {
        // some systems do not say which
        if (changed === null || changed === name) again(settleMs)
      })
      started.on('error', (error) => {
        blind(error)
        started.close()
      })
      return started
    } catch (error) {
      // too many watches on this machine, or a file system that has none
      blind(error)
      return undefined
    }
  }

  return {
    again,
    close() {
      watcher?.close()
      clearInterval(poll)
      clearTimeout(timer)
    },
  }
}
