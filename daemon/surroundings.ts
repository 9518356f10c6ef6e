/** What the daemon sees around it, for health and metrics to show: the model servers nearby, and the machine that it runs on. */
import { availableParallelism } from 'node:os'
import type { Log } from '../shared/contract/log.ts'
import type { ApiDeps } from './api/handlers.ts'
import type { ConfigInUse } from './config-in-use.ts'
import { lastHeard } from './ledger/views/last-heard.ts'
import { openLocalServers } from './local-servers.ts'
import { openGpu } from './machine/gpu.ts'
import { openKept } from './machine/kept.ts'
import { openSystem } from './machine/system.ts'
import { unknownFigures } from './machine/system-figures.ts'
import type { Book } from './store/book.ts'

const toolMs = 5000
/** Figures of the machine that are not older are shown as they are. */
const freshMs = 5000
/** Older ones say nothing of now. */
const tellsMs = 60_000
/** So long does who asks for them wait for newer ones: longer than a first reading takes, which has to see something change. */
const waitMs = 3000

/** What is to be closed is put behind `closers`. `now` in epoch ms, `clock` in ms, monotonic. */
export function openSurroundings(options: {
  home: string
  inUse: ConfigInUse
  book: Book
  env: NodeJS.ProcessEnv
  log: Log
  now(): number
  clock(): number
  closers: (() => Promise<void> | void)[]
}): Pick<ApiDeps, 'serverOf' | 'gpu' | 'machine'> {
  const { home, inUse, book, env, log, now, clock, closers } = options
  const servers = openLocalServers({
    providers: () => inUse.now().providers.values(),
    called: () => lastHeard(book.ledger, now()),
    network: () => inUse.now().network,
    now,
    clock,
  })
  closers.push(servers.close)
  inUse.watch(servers.lookAgain)
  const closing = new AbortController()
  closers.push(() => closing.abort())
  const failed = (error: unknown) => log.error('The machine could not be read', { error: String(error) })
  const { signal } = closing
  const gpu = openGpu({ env, platform: process.platform, timeoutMs: toolMs, signal, clock, failed })
  const system = openSystem({ home, env, failed })
  closers.push(system.close)
  const kept = openKept({ read: system.read, freshMs: () => freshMs, failed, clock })
  // so that who asks first need not be told that nothing is known yet
  gpu.latest()
  return {
    serverOf: servers.lookOf,
    gpu: gpu.latest,
    async machine() {
      const [figures, itsGpu] = await Promise.all([kept.soon(waitMs), gpu.soon(waitMs)])
      const known = figures && figures.ageMs <= tellsMs ? figures.value : unknownFigures(availableParallelism())
      return { ...known, gpu: itsGpu }
    },
  }
}
