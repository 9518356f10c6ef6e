/**
 * The thread that reads processor, memory, disk and network by a library. That one starts programs and waits for them, which would keep
 * every call waiting, and it changes the methods of strings: both stay in here.
 */
import { statfs } from 'node:fs/promises'
import { availableParallelism, loadavg } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { currentLoad, disksIO, mem, networkConnections, networkStats } from 'systeminformation'
import { figuresOf, type SystemFigures } from './system-figures.ts'

// What `openSystem` gave; both ends are of the same build.
const { home } = workerData as { home: string }

/** What the library tells a second of is counted from one reading to the next. */
const firstStepMs = 1000
let hasBegun = false

async function read(): Promise<SystemFigures> {
  if (!hasBegun) {
    await Promise.all([orNone(disksIO()), orNone(networkStats())])
    await pause(firstStepMs)
    hasBegun = true
  }
  const [load, memory, disk, operations, network, connections] = await Promise.all([
    orNone(currentLoad()),
    orNone(mem()),
    orNone(statfs(home)),
    orNone(disksIO()),
    orNone(networkStats()),
    orNone(networkConnections()),
  ])
  const leading = network?.[0]
  return figuresOf({
    cores: availableParallelism(),
    // Windows has no such figure: it tells zeros
    load: process.platform === 'win32' ? undefined : loadavg(),
    busyPct: load?.currentLoad,
    memory: { total: memory?.total, available: memory?.available },
    disk: { blocks: disk?.blocks, bfree: disk?.bfree, bavail: disk?.bavail, bsize: disk?.bsize },
    operations: { read: operations?.rIO_sec, written: operations?.wIO_sec },
    network: { received: leading?.rx_sec, sent: leading?.tx_sec },
    connections: established(connections),
  })
}

/** We listen ourselves, so an empty list is none that could be read. */
function established(connections: { state: string }[] | null): number | undefined {
  if (!connections || connections.length === 0) return undefined
  return connections.filter(({ state }) => state === 'ESTABLISHED').length
}

/** What fails here is not known; the others are. */
function orNone<T>(reading: Promise<T>): Promise<T | null> {
  return reading.catch(() => null)
}

parentPort?.on('message', () => {
  void read().then((figures) => parentPort?.postMessage(figures))
})
