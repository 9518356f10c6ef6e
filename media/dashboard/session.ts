/** A browser's right to the page: the code of the link, traded once for a value that only this tab and this address keep. */
import type { Closed } from './host.ts'

const storedAs = 'tollkeeper.page'

/** What a browser offers, handed in so that it can be played in a test. */
export type Surroundings = {
  /** With its `#`, as `location.hash` gives it. */
  fragment: string
  dropFragment(): void
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  trade(code: string): Promise<{ ok: true; value: { value: string } } | { ok: false; error: { status_code: number } }>
}

/** The page value, or why there is none. A code in the address is always tried: whoever opens a new link wants a new session. */
export async function openSession(at: Surroundings): Promise<{ kind: 'open'; value: string } | Closed> {
  const code = new URLSearchParams(at.fragment.slice(1)).get('code')
  const stored = at.storage.getItem(storedAs)
  if (!code) return stored ? { kind: 'open', value: stored } : { kind: 'closed', why: 'no-link' }
  // first of all out of the address bar, so that no history, bookmark or screenshot holds it
  at.dropFragment()
  const traded = await at.trade(code).catch(() => undefined)
  if (!traded) return { kind: 'closed', why: 'unreachable' }
  if (traded.ok) {
    at.storage.setItem(storedAs, traded.value.value)
    return { kind: 'open', value: traded.value.value }
  }
  // going back to a spent link must not end a session that still works
  if (stored) return { kind: 'open', value: stored }
  return { kind: 'closed', why: traded.error.status_code >= 500 ? 'unreachable' : 'spent-link' }
}

export function endSession(storage: Surroundings['storage']): void {
  storage.removeItem(storedAs)
}
