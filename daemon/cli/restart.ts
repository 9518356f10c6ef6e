/** `tollkeeper restart`: stop, where one runs, and start. */
import { findDaemon } from '../discovery.ts'
import { type ExitCode, exit, type Io } from './io.ts'
import { type StartOptions, start } from './start.ts'
import { stop } from './stop.ts'

export async function restart(options: StartOptions & { graceSeconds: number }, io: Io): Promise<ExitCode> {
  if ('url' in (await findDaemon(options.home))) {
    const stopped = await stop(options, io)
    if (stopped !== exit.fine) return stopped
  }
  return start(options, io)
}
