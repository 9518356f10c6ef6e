/** The one item in the status bar: drawn anew when something changed, at most once a second, and each minute for its ages. */
import * as vscode from 'vscode'
import { openPacer } from '../shared/pacer.ts'
import { realClock } from './clock.ts'
import type { Connection } from './connection.ts'
import { commandId, statusItemId } from './ids.ts'
import type { Settings } from './settings.ts'
import { type StatusInput, type StatusShown, statusOf } from './status-text.ts'
import { tooltipCommands, tooltipOf } from './tooltip.ts'

export type StatusBar = { item: vscode.StatusBarItem; redraw(): void; close(): void }

const priority = 99
const changeEveryMs = 1000
const ageEveryMs = 30_000

export function openStatusBar(connection: Connection, settings: () => Settings): StatusBar {
  const item = vscode.window.createStatusBarItem(statusItemId, vscode.StatusBarAlignment.Right, priority)
  item.name = 'Tollkeeper'
  const timeZone = new Intl.DateTimeFormat().resolvedOptions().timeZone
  let tooltip = ''

  const draw = () => {
    const { warnAt, colour, clickAction } = settings()
    const link = connection.link()
    const input: StatusInput = { link, view: connection.view(), now: Date.now(), timeZone, warnAt, colour }
    show(item, statusOf(input))
    // a tooltip that is set anew flickers under the pointer, even with the same text
    const next = tooltipOf(input)
    if (next !== tooltip) {
      tooltip = next
      item.tooltip = markdown(next)
    }
    const command = link.kind === 'live' && clickAction === 'dashboard' ? commandId.openDashboard : commandId.glance
    if (item.command !== command) item.command = command
  }
  const pacer = openPacer(changeEveryMs, draw, realClock)
  const stop = connection.onChange(() => pacer.ask())
  const ages = setInterval(() => pacer.ask(), ageEveryMs)
  pacer.ask()
  item.show()
  return {
    item,
    redraw: () => pacer.ask(),
    close() {
      stop()
      clearInterval(ages)
      pacer.close()
      item.dispose()
    },
  }
}

/** Only what differs is assigned: each assignment goes to the window. */
function show(item: vscode.StatusBarItem, shown: StatusShown): void {
  if (item.text !== shown.text) item.text = shown.text
  if (item.accessibilityInformation?.label !== shown.label) item.accessibilityInformation = { label: shown.label }
  const colour = shown.background === null ? undefined : `statusBarItem.${shown.background}Background`
  const present = item.backgroundColor as { id?: string } | undefined
  if (present?.id !== colour) item.backgroundColor = colour === undefined ? undefined : new vscode.ThemeColor(colour)
}

function markdown(source: string): vscode.MarkdownString {
  const text = new vscode.MarkdownString(source, true)
  text.isTrusted = { enabledCommands: tooltipCommands }
  return text
}
