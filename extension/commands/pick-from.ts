/** Shows rows of an answer; a row can be copied, and one can go back to the question. */
import * as vscode from 'vscode'
import type { PickRow } from './pick-row.ts'
import { itemOf, type RowItem } from './row-item.ts'

const copyButton: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('copy'), tooltip: 'Copy' }

export function pickFrom<Action = never>(shown: {
  title: string
  placeholder: string
  rows: readonly PickRow<Action>[]
  copy(row: PickRow<Action>): string
  /** What a row does that is not copied. */
  run?(action: Action): void
  onBack(): void
}): void {
  const pick = vscode.window.createQuickPick<RowItem<PickRow<Action>>>()
  pick.title = shown.title
  pick.placeholder = shown.placeholder
  pick.matchOnDescription = true
  pick.matchOnDetail = true
  pick.buttons = [vscode.QuickInputButtons.Back]
  pick.items = shown.rows.map((row, at) => {
    const item = itemOf(row, at)
    return row.kind === 'separator' || row.action !== undefined ? item : { ...item, buttons: [copyButton] }
  })
  const copy = (item: RowItem<PickRow<Action>> | undefined) => {
    if (item === undefined) return
    void vscode.env.clipboard.writeText(shown.copy(item.row))
    pick.hide()
  }
  pick.onDidTriggerButton(() => {
    pick.hide()
    shown.onBack()
  })
  pick.onDidTriggerItemButton((event) => copy(event.item))
  pick.onDidAccept(() => {
    const item = pick.activeItems[0]
    if (item?.row.kind !== 'row' || item.row.action === undefined) return copy(item)
    pick.hide()
    shown.run?.(item.row.action)
  })
  pick.onDidHide(() => pick.dispose())
  pick.show()
}
