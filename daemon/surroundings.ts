/** What the daemon sees around it, for its health to show: the model servers nearby. */
import type { ApiDeps } from './api/handlers.ts'
import type { ConfigInUse } from './config-in-use.ts'
import { lastHeard } from './ledger/views/last-heard.ts'
import { openLocalServers } from './local-servers.ts'
import type { Book } from './store/book.ts'

/** What is to be closed is put behind `closers`. `now` in epoch ms, `clock` in ms, monotonic. */
export function openSurroundings(options: {
  inUse: ConfigInUse
  book: Book
  now(): number
  clock(): number
  closers: (() => Promise<void> | void)[]
}): Pick<ApiDeps, 'serverOf' | 'gpu'> {
  const { inUse, book, now, clock, closers } = options
  const servers = openLocalServers({
    providers: () => inUse.now().providers.values(),
    called: () => lastHeard(book.ledger, now()),
    network: () => inUse.now().network,
    now,
    clock,
  })
  closers.push(servers.close)
  inUse.watch(servers.lookAgain)
  return {
    serverOf: servers.lookOf,
    gpu: () => ({ available: false }),
  }
}
