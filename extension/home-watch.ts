/** Watches for the daemon's file: one that starts or stops writes it, so that nobody need wait for the next try. */
import { type FSWatcher, watch } from 'node:fs'
import { discoveryFile } from './daemon-attach.ts'

export type HomeWatch = {
  /** The folder may have come only now: watches it if it is not watched yet. */
  ensure(): void
  close(): void
}

export function watchHome(home: string, changed: () => void): HomeWatch {
  let watcher: FSWatcher | undefined
  const drop = () => {
    watcher?.close()
    watcher = undefined
  }
  const ensure = () => {
    if (watcher !== undefined) return
    try {
      watcher = watch(home, { persistent: false }, (_, name) => {
        if (name === null || name === discoveryFile) changed()
      })
      // the folder is gone; whoever finds no daemon asks again
      watcher.on('error', drop)
    } catch {
      // no such folder yet, or none that can be watched: the tries go on by the clock
      watcher = undefined
    }
  }
  ensure()
  return { ensure, close: drop }
}
