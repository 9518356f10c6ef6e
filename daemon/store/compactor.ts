/** Starts the worker for compactions and for what is known of all calls, and says how it ended; one at a time, whatever happens to it. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { CompactionOrder, CompactionResult } from './compaction.ts'
import type { Gathered, GatherOrder } from './known-calls.ts'

type Refused = Extract<CompactionResult, { kind: 'refused' }>

export type Compactor = {
  run(order: CompactionOrder): Promise<CompactionResult>
  gather(order: GatherOrder): Promise<Gathered>
  /** Ends a run that is under way: it leaves everything as it was. */
  close(): Promise<void>
}

/** Beside this file's bundle; in a build of tests, which keeps the sources' folders, above it. */
function workerFile(): string {
  const places = ['./', '../', '../../'].map((up) => fileURLToPath(new URL(`${up}compact-worker.mjs`, import.meta.url)))
  return places.find((place) => existsSync(place)) ?? places[0] ?? ''
}

export function openCompactor(file = workerFile()): Compactor {
  let worker: Worker | null = null

  function work<Result>(order: object): Promise<Result | Refused> {
    return new Promise((resolve) => {
      const running = new Worker(file, { workerData: order })
      worker = running
      let result: Result | Refused = { kind: 'refused', why: 'the worker ended without an answer' }
      running.on('message', (message: Result) => {
        result = message
      })
      running.on('error', (error) => {
        result = { kind: 'refused', why: error instanceof Error ? error.message : String(error) }
      })
      running.on('exit', () => {
        worker = null
        resolve(result)
      })
    })
  }

  return {
    run: (compact) => work<CompactionResult>({ compact }),
    gather: (gather) => work<Gathered>({ gather }),
    async close() {
      await worker?.terminate()
    },
  }
}
