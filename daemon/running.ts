/** What a start finds where another daemon holds the home. */
import { findDaemon } from './discovery.ts'
import type { Started } from './started.ts'
import { whyHeld } from './store/home-lock.ts'

export async function alreadyRunning(home: string, pid: number): Promise<Started> {
  const found = await findDaemon(home)
  if ('url' in found) {
    return { kind: 'already-running', url: found.url, hasSandbox: 'sandbox' in found.health.services }
  }
  return {
    kind: 'unusable',
    why: whyHeld(home, pid),
  }
}
