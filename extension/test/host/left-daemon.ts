/** Ends the daemon of a test's home: it outlives windows on purpose, so whoever makes the home has to end it. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { waitFor } from './processes.ts'

/** Ends the process that the home's `daemon.json` names, by force after five seconds; resolves when it is gone. */
export async function endDaemon(home: string): Promise<void> {
  // Without the file there is no daemon, or one that ended as it should.
  const text = await readFile(join(home, 'daemon.json'), 'utf8').catch(() => '{}')
  const pid = Number(/"pid":\s*(\d+)/.exec(text)?.[1])
  if (!pid || !signal(pid, 'SIGTERM')) return
  const gone = (): true | undefined => (signal(pid, 0) ? undefined : true)
  try {
    await waitFor(gone, 5_000, () => 'it does not end')
  } catch {
    signal(pid, 'SIGKILL')
    await waitFor(gone, 5_000, () => `process ${pid}, the daemon of ${home}, could not be ended`)
  }
}

/** Whether there was a process to signal. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false // It has ended, which is what was wanted.
  }
}
