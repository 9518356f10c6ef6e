/** The one item in the status bar: drawn anew when something changed, at most once a second, and each half minute for its ages. */
import * as vscode from 'vscode'
import { openPacer } from '../shared/pacer.ts'
import { realClock } from './clock.ts'
import type { Connection } from './connection.ts'
import { countsSeconds } from './headline-text.ts'
import { commandId, statusItemId } from './ids.ts'
import type { Settings } from './settings.ts'
import { type StatusInput, type StatusShown, statusOf } from './status-text.ts'
import { tooltipCommands, tooltipOf } from './tooltip.ts'

export type StatusBar = { item: vscode.StatusBarItem; redraw(): void; close(): void }

const priority = 99
const changeEveryMs = 1000
const ageEveryMs = 30_000
/** Of a window that nobody looks at. */
const unfocusedEveryMs = 5000

export function openStatusBar(connection: Connection, settings: () => Settings): StatusBar {
  const item = vscode.window.createStatusBarItem(statusItemId, vscode.StatusBarAlignment.Right, priority)
  item.name = 'Tollkeeper'
  const timeZone = new Intl.DateTimeFormat().resolvedOptions().timeZone
  let tooltip = ''
  let drawn: StatusShown | undefined

  const inputNow = (): StatusInput => {
    const { warnAt, colour } = settings()
    return { link: connection.link(), view: connection.view(), now: Date.now(), timeZone, warnAt, colour }
  }
  const drawHover = () => {
    const input = inputNow()
    // a tooltip that is set anew flickers under the pointer, even with the same text
    const next = tooltipOf(input)
    if (next !== tooltip) {
      tooltip = next
      item.tooltip = markdown(next)
    }
  }
  const draw = () => {
    const input = inputNow()
    drawn = statusOf(input)
    show(item, drawn)
    const opensDashboard = input.link.kind === 'live' && settings().clickAction === 'dashboard'
    const command = opensDashboard ? commandId.openDashboard : commandId.glance
    if (item.command !== command) item.command = command
    drawHover()
  }
  const openPacers = (focused: boolean) => {
    const gapMs = focused ? changeEveryMs : unfocusedEveryMs
    return { focused, all: openPacer(gapMs, draw, realClock), hover: openPacer(gapMs, drawHover, realClock) }
  }
  let pacers = openPacers(vscode.window.state.focused)
  const focus = vscode.window.onDidChangeWindowState(({ focused }) => {
    if (focused === pacers.focused) return
    pacers.all.close()
    pacers.hover.close()
    pacers = openPacers(focused)
    // whoever comes back sees what is true now
    pacers.all.ask()
  })
  // a call that begins changes the hover alone: the number that its reply brings must not wait for that
  const stop = connection.onChange(() => {
    if (isSame(statusOf(inputNow()), drawn)) pacers.hover.ask()
    else pacers.all.ask()
  })
  const seconds = setInterval(() => {
    const input = inputNow()
    const headline = input.view.standing?.headline
    if (input.link.kind === 'live' && headline !== undefined && countsSeconds(headline, input)) pacers.all.ask()
  }, changeEveryMs)
  const ages = setInterval(() => pacers.all.ask(), ageEveryMs)
  pacers.all.ask()
  item.show()
  return {
    item,
    redraw: () => pacers.all.ask(),
    close() {
      stop()
      clearInterval(seconds)
      clearInterval(ages)
      focus.dispose()
      pacers.all.close()
      pacers.hover.close()
      item.dispose()
    },
  }
}

function isSame(one: StatusShown, other: StatusShown | undefined): boolean {
  return one.text === other?.text && one.label === other.label && one.background === other.background
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
