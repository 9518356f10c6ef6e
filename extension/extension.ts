/** Activation: creates the parts and connects them. A window never stops the daemon by going away. */
import { homedir } from 'node:os'
import * as vscode from 'vscode'
import { keepStarted } from './auto-start.ts'
import { registerCommands } from './commands/index.ts'
import { type Connection, openConnection } from './connection.ts'
import { homeOf } from './daemon-attach.ts'
import { openDaemonControl } from './daemon-control.ts'
import { diagnosticsText, doctorSays } from './diagnostics.ts'
import { dashboardType, runningContext } from './ids.ts'
import { readSettings } from './settings.ts'
import { openStatusBar } from './status-bar.ts'
import { type DashboardPanel, openDashboardPanel } from './views/dashboard-panel.ts'

/** For our own tests. */
export type TollkeeperApi = {
  statusBar: vscode.StatusBarItem
  connection: Connection
  dashboard: Pick<DashboardPanel, 'panel'>
  home: string
}

declare const TOLLKEEPER_VERSION: string

export function activate(context: vscode.ExtensionContext): TollkeeperApi {
  const log = vscode.window.createOutputChannel('Tollkeeper', { log: true })
  const home = homeOf(process.env)
  let settings = readSettings()
  const connection = openConnection({ home, windowId: vscode.env.sessionId, log: (message) => log.info(message) })
  const place = { home, built: vscode.Uri.joinPath(context.extensionUri, 'dist').fsPath, version: TOLLKEEPER_VERSION }
  const control = openDaemonControl(place, connection, () => settings, log)
  const statusBar = openStatusBar(connection, () => settings)
  const dashboard = openDashboardPanel(context.extensionUri, connection)
  const stopStarting = keepStarted(home, connection, control, () => settings)
  const stopTelling = connection.onChange(() => {
    void vscode.commands.executeCommand('setContext', runningContext, connection.link().kind === 'live')
  })

  const openDashboard = () => dashboard.open()
  const diagnose = async () => {
    const doctor = await doctorSays({ ...place, ...settings, env: process.env })
    const editor = `${vscode.env.appName} ${vscode.version}`
    const { remoteName: remote } = vscode.env
    return diagnosticsText({ ...place, editor, remote, userHome: homedir(), link: connection.link() }, doctor)
  }
  context.subscriptions.push(
    log,
    ...registerCommands({ connection, control, settings: () => settings, log, home, openDashboard, diagnose }),
    vscode.window.registerWebviewPanelSerializer(dashboardType, {
      deserializeWebviewPanel: (panel) => dashboard.restore(panel),
    }),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (!change.affectsConfiguration('tollkeeper') && !change.affectsConfiguration('http.proxy')) return
      settings = readSettings()
      statusBar.redraw()
    }),
    {
      dispose() {
        stopStarting()
        stopTelling()
        statusBar.close()
        connection.close()
      },
    },
  )
  return { statusBar: statusBar.item, connection, dashboard, home }
}

/** Sockets close with the subscriptions; the daemon goes on for whoever else uses it. */
export function deactivate(): void {}
