/** Opens the dashboard in an editor tab. */
import { commandId } from '../ids.ts'
import type { Command } from './command.ts'

export const openDashboard: Command = {
  id: commandId.openDashboard,
  needsDaemon: true,
  run: (tools) => tools.openDashboard(),
}
