/** Opens the log of a daemon that a window started; one from a terminal writes there instead. */
import { join } from 'node:path'
import * as vscode from 'vscode'
import { logFile } from '../daemon-files.ts'
import { commandId } from '../ids.ts'
import type { Command } from './command.ts'

export const showDaemonLog: Command = {
  id: commandId.showDaemonLog,
  needsDaemon: false,
  async run(tools) {
    const path = join(tools.home, logFile)
    try {
      await vscode.window.showTextDocument(vscode.Uri.file(path), { preview: true })
    } catch {
      // VS Code's own message names an internal error, not what to do
      const text = `There is no ${path}: the daemon writes it when a window starts it. One started in a terminal logs there.`
      void vscode.window.showInformationMessage(text)
    }
  },
}
