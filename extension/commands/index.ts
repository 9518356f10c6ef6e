/** The list of all commands. */
import * as vscode from 'vscode'
import type { Command, Tools } from './command.ts'
import { copyDiagnostics } from './copy-diagnostics.ts'
import { glance } from './glance.ts'
import { openDashboard } from './open-dashboard.ts'
import { queryRateLimits } from './query-rate-limits.ts'
import { queryStats } from './query-stats.ts'
import { restartDaemon } from './restart-daemon.ts'
import { showDaemonLog } from './show-daemon-log.ts'
import { showLog } from './show-log.ts'
import { startDaemon } from './start-daemon.ts'
import { stopDaemon } from './stop-daemon.ts'

const commands: readonly Command[] = [
  glance,
  openDashboard,
  queryStats,
  queryRateLimits,
  startDaemon,
  stopDaemon,
  restartDaemon,
  copyDiagnostics,
  showLog,
  showDaemonLog,
]

/** Long enough for a window that has just opened to find its daemon. */
const attachWithinMs = 3000

export function registerCommands(tools: Tools): vscode.Disposable[] {
  return commands.map((command) =>
    vscode.commands.registerCommand(command.id, async () => {
      if (command.needsDaemon) {
        await tools.connection.until((link) => link.kind !== 'starting', attachWithinMs)
        if (tools.connection.link().kind !== 'live') return tools.control.offerStart()
      }
      return command.run(tools)
    }),
  )
}
