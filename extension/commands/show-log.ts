/** Shows the extension's own log; its level is set by VS Code's "Set Log Level". */
import { commandId } from '../ids.ts'
import type { Command } from './command.ts'

export const showLog: Command = {
  id: commandId.showLog,
  needsDaemon: false,
  run: (tools) => tools.log.show(),
}
