/** The worker thread's entry: one compaction, so that the event loop never parses or writes a large file. */
import { parentPort, workerData } from 'node:worker_threads'
import { type CompactionOrder, compactHome } from './compaction.ts'

// What `openCompactor` gave; both ends are of the same build.
const order = workerData as CompactionOrder
parentPort?.postMessage(await compactHome(order))
