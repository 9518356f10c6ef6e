/** `tollkeeper restart`: stop, where one runs, and start. */
import { findDaemon } from '../discovery.ts'
import { type ExitCode, exit, type Io } from './io.ts'
import { type StartOptions, start } from './start.ts'
import { stop } from './stop.ts'

export async function restart(options: StartOptions & { graceSeconds: number }, io: Io): Promise<ExitCode> {
  const running = await findDaemon(options.home)
  if (!('url' in running)) return start(options, io)
  // the one answer in JSON is the start's
  const stopped = await stop(options, io.json ? { ...io, out: () => {} } : io)
  if (stopped !== exit.fine) return stopped
  // what it was started with it is started with again
  return start({ ...options, sandbox: options.sandbox || 'sandbox' in running.health.services }, io)
}
