/** Shows rows of an answer; a row can be copied, and one can go back to the question. */
import * as vscode from 'vscode'
import type { PickRow } from './pick-row.ts'
import { itemOf, type RowItem } from './row-item.ts'

const copyButton: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('copy'), tooltip: 'Copy' }

export function pickFrom(shown: {
  title: string
  placeholder: string
  rows: readonly PickRow[]
  copy(row: PickRow): string
  onBack(): void
}): void {
  const pick = vscode.window.createQuickPick<RowItem<PickRow>>()
  pick.title = shown.title
  pick.placeholder = shown.placeholder
  pick.matchOnDescription = true
  pick.matchOnDetail = true
  pick.buttons = [vscode.QuickInputButtons.Back]
  pick.items = shown.rows.map((row, at) => {
    const item = itemOf(row, at)
    return row.kind === 'separator' ? item : { ...item, buttons: [copyButton] }
  })
  const copy = (item: RowItem<PickRow> | undefined) => {
    if (item === undefined) return
    void vscode.env.clipboard.writeText(shown.copy(item.row))
    pick.hide()
  }
  pick.onDidTriggerButton(() => {
    pick.hide()
    shown.onBack()
  })
  pick.onDidTriggerItemButton((event) => copy(event.item))
  pick.onDidAccept(() => copy(pick.activeItems[0]))
  pick.onDidHide(() => pick.dispose())
  pick.show()
}
