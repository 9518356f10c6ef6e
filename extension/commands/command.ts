/** What a command is, and what it is given to work with. */
import type * as vscode from 'vscode'
import type { Connection } from '../connection.ts'
import type { DaemonControl } from '../daemon-control.ts'
import type { CommandId } from '../ids.ts'
import type { Settings } from '../settings.ts'

export type Tools = {
  connection: Connection
  control: DaemonControl
  settings: () => Settings
  log: vscode.LogOutputChannel
  home: string
  openDashboard: () => void
  /** Markdown without secrets, for an issue. */
  diagnose: () => Promise<string>
}

export type Command = {
  id: CommandId
  /** Shows what only a daemon knows: without one its start is offered instead. */
  needsDaemon: boolean
  run(tools: Tools): void | Promise<void>
}
