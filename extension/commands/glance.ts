/** Shows limits, spend and recent calls in a quick pick that moves with them, and what can be done. */
import * as vscode from 'vscode'
import { openPacer } from '../../shared/pacer.ts'
import { realClock } from '../clock.ts'
import { commandId } from '../ids.ts'
import type { Command, Tools } from './command.ts'
import { type GlanceRow, glanceRows } from './glance-rows.ts'
import { itemOf, type RowItem } from './row-item.ts'

const changeEveryMs = 1000

export const glance: Command = { id: commandId.glance, needsDaemon: false, run: showGlance }

function showGlance({ connection, settings }: Tools): void {
  const pick = vscode.window.createQuickPick<RowItem<GlanceRow>>()
  pick.title = 'Tollkeeper: Limits and Spend'
  pick.placeholder = 'Choose a row to see more of it'
  pick.matchOnDescription = true
  pick.matchOnDetail = true
  // the list changes while it is open: without this each change would take the reader back to its top
  pick.keepScrollPosition = true
  const timeZone = new Intl.DateTimeFormat().resolvedOptions().timeZone

  const fill = () => {
    const { warnAt, colour } = settings()
    const input = { link: connection.link(), view: connection.view(), now: Date.now(), timeZone, warnAt, colour }
    const before = pick.activeItems[0]
    pick.items = glanceRows(input).map(itemOf)
    const same = pick.items.find((item) => item.key === before?.key)
    if (before !== undefined && same !== undefined) pick.activeItems = [same]
  }
  const pacer = openPacer(changeEveryMs, fill, realClock)
  const stop = connection.onChange(() => pacer.ask())
  pick.onDidAccept(() => {
    const row = pick.activeItems[0]?.row
    pick.hide()
    if (row?.kind === 'row' && row.action !== undefined) void vscode.commands.executeCommand(row.action)
  })
  pick.onDidHide(() => {
    stop()
    pacer.close()
    pick.dispose()
  })
  pacer.ask()
  pick.show()
}
