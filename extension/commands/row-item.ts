/** Makes a quick pick's item of a row. */
import * as vscode from 'vscode'
import type { PickRow } from './pick-row.ts'

export type RowItem<Row> = vscode.QuickPickItem & {
  row: Row
  /** What stays of it when its numbers change: where it stands. */
  key: number
}

export function itemOf<Row extends PickRow<unknown>>(row: Row, key: number): RowItem<Row> {
  return row.kind === 'separator'
    ? { row, key, label: row.label, kind: vscode.QuickPickItemKind.Separator }
    : { row, key, label: row.label, description: row.description, detail: row.detail }
}
