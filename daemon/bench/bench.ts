/** `npm run bench`: what the daemon costs beside no proxy and beside the barest one, on this machine, in about three minutes. */
import { cpus, totalmem } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { version } from '../version.ts'
import { measureFailover } from './failover.ts'
import { type Job, runJob } from './load.ts'
import { servePipe } from './pipes.ts'
import { startDaemon, startLoad, startRole } from './processes.ts'
import { type Figures, noRounds, reportOf, type Way, ways } from './report.ts'
import { measureScale } from './scale.ts'
import { serveUpstream } from './upstream.ts'
import { measureWeek } from './week.ts'

const rounds = 3
const directPath = '/v1/chat/completions'
const daemonPath = '/p/bench/v1/chat/completions'

const say = (text: string) => process.stdout.write(`${text}\n`)
const tellPort = (port: number) => void process.send?.(port)

async function measure(): Promise<Figures> {
  const upstream = await startRole('upstream')
  const http = await startRole('node:http', String(upstream.port))
  const undici = await startRole('undici', String(upstream.port))
  const load = startLoad()
  const daemon = await startDaemon(upstream.port)
  try {
    await pause(2000)
    const idleMb = daemon.rssMb()
    const ports: Record<Way, number> = {
      direct: upstream.port,
      'node:http': http.port,
      undici: undici.port,
      daemon: daemon.port,
    }
    const figures: Figures = {
      single: noRounds(),
      many: noRounds(),
      firstByte: noRounds(),
      pacedFirstByte: noRounds(),
      idleMb,
      loadedMb: null,
      readyMs: daemon.readyMs,
      failed: 0,
    }
    // A server runs for days: what is measured is code that has become warm.
    for (const way of ways) {
      const to = { port: ports[way], path: way === 'daemon' ? daemonPath : directPath }
      await load.run({ ...to, kind: 'answer', connections: 64, forMs: 0, warmUp: 4000 })
    }
    for (let round = 1; round <= rounds; round++) {
      say(`round ${round} of ${rounds} …`)
      // Taken in turn, so that whatever else the machine does falls on all of them alike.
      for (const way of ways) {
        const to = { port: ports[way], path: way === 'daemon' ? daemonPath : directPath }
        const run = async (job: Omit<Job, 'port' | 'path'>) => {
          const measured = await load.run({ ...to, ...job })
          figures.failed += measured.failed
          return measured
        }
        const one = await run({ kind: 'answer', connections: 1, forMs: 2500, warmUp: 300 })
        const many = await run({ kind: 'answer', connections: 64, forMs: 3000, warmUp: 640 })
        const stream = await run({ kind: 'stream', connections: 1, forMs: 2500, warmUp: 20 })
        const paced = await run({ kind: 'paced stream', connections: 1, forMs: 5000, warmUp: 1 })
        figures.single[way].push(one.totalMs)
        figures.many[way].push(many.perSecond)
        figures.firstByte[way].push(stream.firstByteMs)
        figures.pacedFirstByte[way].push(paced.firstByteMs)
      }
    }
    return { ...figures, loadedMb: daemon.rssMb() }
  } finally {
    await daemon.stop()
    for (const one of [load, undici, http, upstream]) one.stop()
  }
}

function machineLine(): string {
  const processors = cpus()
  const memory = `${Math.round(totalmem() / 2 ** 30)} GB`
  const kind = `${process.platform} ${process.arch}, ${processors.length} × ${processors[0]?.model.trim() ?? 'unknown'}, ${memory}`
  return `Tollkeeper ${version} · Node ${process.version} · ${kind} · ${new Date().toISOString().slice(0, 10)}`
}

const [role, argument, ...more] = process.argv.slice(2)
if (role === 'upstream') {
  serveUpstream(tellPort)
} else if (role === 'node:http' || role === 'undici') {
  servePipe(role, Number(argument), tellPort)
} else if (role === 'load') {
  process.on('message', (job: Job) => void runJob(job).then((measured) => process.send?.(measured)))
} else {
  try {
    if (role === 'scale') {
      say(machineLine())
      const mix = argument === 'lot' ? 'lot' : 'sessions'
      const sizes = [argument, ...more].map(Number).filter((calls) => calls > 0)
      for (const calls of sizes.length > 0 ? sizes : [10_000, 100_000, 1_000_000]) await measureScale(calls, mix, say)
    } else if (role === 'week') {
      say(machineLine())
      measureWeek(Number(argument ?? 7), say)
    } else if (role === 'failover') {
      await measureFailover(say)
    } else {
      say(reportOf(await measure(), machineLine()))
      await measureFailover(say)
    }
  } catch (error) {
    // A measurement is no test: it says what went wrong and fails nothing.
    say(`The bench could not be run: ${error instanceof Error ? error.message : String(error)}`)
  }
  process.exit(0)
}
