/** Asks the thread that reads the machine: started when somebody wants to know, ended when nobody has for a while, or when it hangs. */
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { type SystemFigures, unknownFigures } from './system-figures.ts'
import { toolEnvironment } from './tool-environment.ts'

export type System = {
  /** One at a time. All unknown where the thread fails, or takes too long, of which `failed` is told. Never rejects. */
  read(): Promise<SystemFigures>
  close(): Promise<void>
}

const idleMs = 2 * 60_000
/** Windows has PowerShell started for some of it. */
const answerMs = 20_000

/** Beside this file's bundle; in a build of tests, which keeps the sources' folders, above it. */
function workerFile(): string {
  const places = ['./', '../', '../../'].map((up) => fileURLToPath(new URL(`${up}machine-worker.mjs`, import.meta.url)))
  return places.find((place) => existsSync(place)) ?? places[0] ?? ''
}

/** `home`: on the disk that is told of. `env`: of it the thread, and what it starts, get what the system's programs need. */
export function openSystem(options: {
  home: string
  env: NodeJS.ProcessEnv
  failed(error: unknown): void
  file?: string
  answerMs?: number
}): System {
  const { home, env, failed } = options
  let worker: Worker | null = null
  let idle: NodeJS.Timeout | undefined

  function started(): Worker {
    clearTimeout(idle)
    if (worker) return worker
    const made = new Worker(options.file ?? workerFile(), { workerData: { home }, env: toolEnvironment(env) })
    made.unref()
    const over = () => {
      if (worker === made) worker = null
    }
    // one that nobody waits for, too: unheard, it would end the daemon
    made.on('error', (error) => {
      // it ends of that a little later, and answers nobody any more
      over()
      failed(error)
    })
    made.on('exit', over)
    worker = made
    return made
  }

  async function end(): Promise<void> {
    clearTimeout(idle)
    const ending = worker
    worker = null
    await ending?.terminate()
  }

  return {
    async read() {
      try {
        return await answerOf(started(), options.answerMs ?? answerMs)
      } catch (error) {
        failed(error)
        await end()
        return unknownFigures(availableParallelism())
      } finally {
        clearTimeout(idle)
        idle = setTimeout(() => void end(), idleMs).unref()
      }
    },
    close: end,
  }
}

/** Rejects where the thread ends, as it does after an error, or takes longer. */
function answerOf(worker: Worker, ms: number): Promise<SystemFigures> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => done(() => reject(new Error(`no answer within ${ms / 1000} s`))), ms)
    timer.unref()
    const onMessage = (figures: SystemFigures) => done(() => resolve(figures))
    const onExit = () => done(() => reject(new Error('the thread ended without an answer')))
    worker.once('message', onMessage).once('exit', onExit)
    worker.postMessage(null)

    function done(settle: () => void): void {
      clearTimeout(timer)
      worker.off('message', onMessage).off('exit', onExit)
      settle()
    }
  })
}
