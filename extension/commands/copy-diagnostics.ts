/** Puts on the clipboard what an issue should hold. */
import * as vscode from 'vscode'
import { commandId } from '../ids.ts'
import type { Command } from './command.ts'

const show = 'Show'

export const copyDiagnostics: Command = {
  id: commandId.copyDiagnostics,
  needsDaemon: false,
  async run({ diagnose }) {
    const title = 'Looking at Tollkeeper'
    const text = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, diagnose)
    await vscode.env.clipboard.writeText(text)
    const said = 'Diagnostics are on the clipboard, without keys. Read them before you post them.'
    if ((await vscode.window.showInformationMessage(said, show)) !== show) return
    const document = await vscode.workspace.openTextDocument({ content: text, language: 'markdown' })
    await vscode.window.showTextDocument(document)
  },
}
