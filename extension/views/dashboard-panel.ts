/** The dashboard in an editor tab: the same page as in a browser, which here asks and hears the daemon through this window. */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import * as vscode from 'vscode'
import { openPacer } from '../../shared/pacer.ts'
import { realClock } from '../clock.ts'
import type { Connection } from '../connection.ts'
import { dashboardType } from '../ids.ts'
import { webviewHtml } from './page-html.ts'
import { readPageMessage } from './page-messages.ts'

export type DashboardPanel = {
  open(): void
  /** VS Code brings back a tab of the last session. */
  restore(panel: vscode.WebviewPanel): Promise<void>
  panel(): vscode.WebviewPanel | undefined
}

const pushEveryMs = 250

export function openDashboardPanel(extensionUri: vscode.Uri, connection: Connection): DashboardPanel {
  const root = vscode.Uri.joinPath(extensionUri, 'dist', 'dashboard')
  const icon = vscode.Uri.joinPath(extensionUri, 'media', 'icons', 'tollkeeper.svg')
  const options: vscode.WebviewOptions = { enableScripts: true, localResourceRoots: [root] }
  let shown: vscode.WebviewPanel | undefined

  const fill = async (panel: vscode.WebviewPanel) => {
    shown = panel
    panel.iconPath = icon
    const stop = relay(panel, connection)
    panel.onDidDispose(() => {
      stop()
      if (shown === panel) shown = undefined
    })
    const page = await readFile(vscode.Uri.joinPath(root, 'index.html').fsPath, 'utf8')
    const { webview } = panel
    webview.html = webviewHtml(page, {
      cspSource: webview.cspSource,
      nonce: randomBytes(16).toString('base64'),
      address: (file) => webview.asWebviewUri(vscode.Uri.joinPath(root, file)).toString(),
    })
  }

  return {
    open() {
      if (shown !== undefined) return shown.reveal()
      // a hidden page is let go: it keeps its choices itself and gets a whole view when it comes back
      const panel = vscode.window.createWebviewPanel(dashboardType, 'Tollkeeper', vscode.ViewColumn.Active, options)
      fill(panel).catch((error: unknown) => {
        panel.dispose()
        void vscode.window.showErrorMessage(
          `The Tollkeeper dashboard cannot be shown: ${String(error)}. Install the extension anew.`,
        )
      })
    },
    restore(panel) {
      panel.webview.options = options
      return fill(panel)
    },
    panel: () => shown,
  }
}

/** Answers what the page asks and pushes whole views while it can be seen; returns what ends that. */
function relay(panel: vscode.WebviewPanel, connection: Connection): () => void {
  let ready = false
  const post = (message: unknown) => void panel.webview.postMessage(message)
  const push = () => {
    // VS Code drops what is posted to a hidden page
    if (!ready || !panel.visible) return
    const { kind } = connection.link()
    post({ type: 'connection', connection: kind === 'live' ? 'live' : kind === 'starting' ? 'connecting' : 'lost' })
    post({ type: 'view', view: connection.view() })
  }
  const pacer = openPacer(pushEveryMs, push, realClock)
  const stop = connection.onChange(() => pacer.ask())
  panel.onDidChangeViewState(() => pacer.ask())
  panel.webview.onDidReceiveMessage(async (data: unknown) => {
    const message = readPageMessage(data)
    switch (message?.type) {
      case 'ready':
        ready = true
        return pacer.ask()
      case 'ask': {
        const { id, name, ask } = message
        // the daemon checks it: a bad one comes back as its error
        const reply = await connection.ask(name, ask)
        return post({ type: 'answer', id, reply })
      }
      case 'refused': {
        const error = { error: 'Not allowed', detail: message.why, status_code: 403, timestamp: '', request_id: '' }
        return post({ type: 'answer', id: message.id, reply: { ok: false, error } })
      }
      case undefined:
        // not a message of this version's page
        return
    }
  })
  return () => {
    stop()
    pacer.close()
  }
}
