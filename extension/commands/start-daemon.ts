/** Starts the daemon, or attaches to the one that runs. */
import { commandId } from '../ids.ts'
import type { Command } from './command.ts'

export const startDaemon: Command = {
  id: commandId.startDaemon,
  needsDaemon: false,
  async run(tools) {
    await tools.control.start()
  },
}
