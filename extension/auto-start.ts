/** Starts the daemon unasked where the user has said so: with the window, and again after a crash, never after a stop. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Connection } from './connection.ts'
import { discoveryFile } from './daemon-attach.ts'
import type { DaemonControl } from './daemon-control.ts'
import type { Settings } from './settings.ts'

/** A daemon that falls over soon after each start is not started over and over. */
const notWithinMs = 60_000

/** Returns what ends it. `now`: milliseconds that never run back. */
export function keepStarted(
  home: string,
  connection: Pick<Connection, 'link' | 'onChange'>,
  control: Pick<DaemonControl, 'start' | 'wasStopped'>,
  settings: () => Pick<Settings, 'autoStart'>,
  now: () => number = () => performance.now(),
): () => void {
  let startedAt = Number.NEGATIVE_INFINITY
  let seen = false
  let failed = false
  return connection.onChange(() => {
    const { kind } = connection.link()
    if (kind === 'live') {
      seen = true
      failed = false
    }
    // what went wrong was said once; the next try is the user's
    if (kind !== 'off' || failed || settings().autoStart !== 'always' || control.wasStopped()) return
    // one that was asked to stop takes its file with it; a crash leaves the file behind
    const crashed = existsSync(join(home, discoveryFile))
    if ((seen && !crashed) || now() - startedAt < notWithinMs) return
    startedAt = now()
    void control.start().then((started) => {
      failed = !started
    })
  })
}
