/** What a start finds where another daemon holds the home. */
import { type FoundDaemon, findDaemon } from './discovery.ts'
import type { RunsAs, Started } from './started.ts'
import { whyHeld } from './store/home-lock.ts'

export async function alreadyRunning(home: string, pid: number): Promise<Started> {
  const found = await findDaemon(home)
  if ('url' in found) {
    return { kind: 'already-running', url: found.url, as: runsAs(found) }
  }
  return {
    kind: 'unusable',
    why: whyHeld(home, pid),
  }
}

export function runsAs({ discovery, health }: Extract<FoundDaemon, { url: string }>): RunsAs {
  return { port: discovery.port, sandbox: 'sandbox' in health.services }
}
