/** Stops the daemon and starts the one that belongs to this extension; without one running it is a start. */
import { commandId } from '../ids.ts'
import type { Command } from './command.ts'

export const restartDaemon: Command = {
  id: commandId.restartDaemon,
  // one that speaks another contract can be restarted although nothing it says can be shown
  needsDaemon: false,
  async run({ connection, control }) {
    const { kind } = connection.link()
    await (kind === 'live' || kind === 'mismatch' ? control.restart() : control.start())
  },
}
