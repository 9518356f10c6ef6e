/** Finds out who asks for the feed, and lets in only who may read. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ErrorCode } from '../../shared/contract/error.ts'
import type { Log } from '../../shared/contract/log.ts'
import { refuseUpgrade } from './refuse-upgrade.ts'

/** Who asks. `isLive`: whether what it came with is still worth something; where not, the feed ends. */
export type Listener = { name: string; mayRead: boolean; isLive(): boolean }

export type UpgradeDeps = {
  /** Who asks on this upgrade; undefined: no credential, or one that is worth nothing. */
  listenerOf(req: IncomingMessage): Promise<Listener | undefined>
  /** Epoch ms. */
  now(): number
  log: Log
  failDelayMs?: number
}

export function takeUpgrade(
  req: IncomingMessage,
  socket: Duplex,
  deps: UpgradeDeps,
  letIn: (listener: Listener) => void,
): void {
  const refuse = (code: ErrorCode, detail: string, delayMs?: number) =>
    refuseUpgrade(socket, code, detail, deps.now(), delayMs)
  const answer = (listener: Listener | undefined) => {
    socket.off('error', destroy)
    if (!listener) {
      const detail =
        "The feed needs 'authorization: Bearer …' with a key of scope read, or a live session of the dashboard."
      return refuse('bad_key', detail, deps.failDelayMs ?? 200)
    }
    if (listener.mayRead) return letIn(listener)
    refuse('forbidden', `'${listener.name}' may only use the proxy; the feed needs scope read.`)
  }
  // the far side may go while it is looked up who asks
  const destroy = () => socket.destroy()
  socket.on('error', destroy)
  deps
    .listenerOf(req)
    .then(answer)
    .catch((error: unknown) => {
      deps.log.error('A request for the feed failed', { error: String(error) })
      destroy()
    })
}
