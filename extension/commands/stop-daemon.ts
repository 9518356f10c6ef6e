/** Asks the daemon to stop; calls that run get the time to end. */
import { commandId } from '../ids.ts'
import type { Command } from './command.ts'

export const stopDaemon: Command = {
  id: commandId.stopDaemon,
  needsDaemon: true,
  async run(tools) {
    await tools.control.stop()
  },
}
