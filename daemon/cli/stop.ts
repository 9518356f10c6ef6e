/** `tollkeeper stop`: asks the daemon to end, and waits until it has. */
import { setTimeout as delay } from 'node:timers/promises'
import { readDiscovery } from '../discovery.ts'
import { askDaemon } from './attach.ts'
import { type ExitCode, exit, type Io } from './io.ts'
import { answer, note, refuse } from './say.ts'

export type StopOptions = { home: string; graceSeconds: number }

const lookEveryMs = 100
/** Beyond the grace time, for closing the store. */
const closingMs = 10_000

export async function stop({ home, graceSeconds }: StopOptions, io: Io): Promise<ExitCode> {
  const reply = await askDaemon(home, io, 'stop', { body: { grace_seconds: graceSeconds } })
  if (!reply.ok) return reply.code
  const running = reply.value.in_flight
  if (running > 0) {
    const calls = running === 1 ? 'One call still runs; it gets' : `${running} calls still run; they get`
    note(io, `${calls} ${graceSeconds} s. \`tollkeeper stop\` again cuts them.`)
  }
  const { instanceId, pid } = reply.daemon.discovery
  const isGone = await within(graceSeconds * 1000 + closingMs, async () => {
    return (await readDiscovery(home))?.instanceId !== instanceId
  })
  if (!isGone) {
    return refuse(io, exit.fault, `Tollkeeper (process ${pid}) was asked to stop and has not. Its log says more.`)
  }
  // it takes its announcement away first, then closes its store. Where nothing collects ended processes, as in some
  // containers, its number stays: that is no reason to wait for ever
  await within(closingMs, () => Promise.resolve(!isAlive(pid)))
  return answer(io, { stopped: true, pid, in_flight: running }, 'Tollkeeper has stopped.')
}

/** Whether `look` said yes before the time was over. */
async function within(ms: number, look: () => Promise<boolean>): Promise<boolean> {
  for (const until = performance.now() + ms; performance.now() < until; await delay(lookEveryMs)) {
    if (await look()) return true
  }
  return false
}

/** Signal 0 only asks (POSIX kill(2); Node does the same on Windows). */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
