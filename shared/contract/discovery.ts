/** How a client finds the daemon and makes sure that it is the one whose token stands in the home. */
import * as z from 'zod/mini'

/** `daemon.json` in the home: 0600, written beside and renamed, removed at exit. */
export const discovery = z.object({
  pid: z.int(),
  port: z.int(),
  /** The local token, new at each start: `tk_local_…`, scope admin, loopback only. */
  token: z.string(),
  instanceId: z.string(),
  version: z.string(),
  contract: z.object({ min: z.int(), max: z.int() }),
  startedAt: z.string(),
})
export type Discovery = z.infer<typeof discovery>

/** What the proof of `GET /health?nonce=N` is the HMAC-SHA-256 of, keyed with the token, in hex. */
export function proofText(instanceId: string, port: number, nonce: string): string {
  return `${instanceId}\n${port}\n${nonce}`
}

export const defaultPort = 8655
