/** Starts the daemon unasked where the user has said so: with the window, and again after a crash, never after a stop. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Connection } from './connection.ts'
import { discoveryFile } from './daemon-attach.ts'
import type { DaemonControl } from './daemon-control.ts'
import type { Settings } from './settings.ts'

/** A daemon that falls over at once is not started over and over. */
const notWithinMs = 60_000

/** Returns what ends it. */
export function keepStarted(
  home: string,
  connection: Connection,
  control: DaemonControl,
  settings: () => Settings,
): () => void {
  let startedAt = Number.NEGATIVE_INFINITY
  let seen = false
  return connection.onChange(() => {
    const { kind } = connection.link()
    if (kind === 'live') seen = true
    if (kind !== 'off' || settings().autoStart !== 'always' || control.wasStopped()) return
    // one that was asked to stop takes its file with it; a crash leaves the file behind
    const crashed = existsSync(join(home, discoveryFile))
    if ((seen && !crashed) || performance.now() - startedAt < notWithinMs) return
    startedAt = performance.now()
    void control.start()
  })
}
