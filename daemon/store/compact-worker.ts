/** The worker thread's entry: one compaction, or what is known of all calls, so that the event loop never parses or writes a large file. */
import { parentPort, workerData } from 'node:worker_threads'
import { type CompactionOrder, compactHome } from './compaction.ts'
import { type GatherOrder, gatherMarks } from './known-calls.ts'

// What `openCompactor` gave; both ends are of the same build.
const order = workerData as { compact: CompactionOrder } | { gather: GatherOrder }
if ('compact' in order) parentPort?.postMessage(await compactHome(order.compact))
else {
  const result = await gatherMarks(order.gather)
  parentPort?.postMessage(result, result.kind === 'gathered' ? [result.marks.buffer] : [])
}
