/** Asks what providers say is left: first whose limits, then one row a limit. */
import * as vscode from 'vscode'
import { commandId } from '../ids.ts'
import type { Command, Tools } from './command.ts'
import { pickFrom } from './pick-from.ts'
import { line } from './pick-row.ts'
import { accountName, accountSummary, type Clock, type RateLimit, rateLimitRows } from './rate-limit-rows.ts'

export const queryRateLimits: Command = { id: commandId.queryRateLimits, needsDaemon: true, run: askAndShow }

async function askAndShow(tools: Tools): Promise<void> {
  const reply = await tools.connection.ask('ratelimits', { query: {} })
  if (!reply.ok) {
    void vscode.window.showErrorMessage(`Tollkeeper could not answer: ${reply.error.detail}`)
    return
  }
  const { ratelimits } = reply.value
  if (ratelimits.length === 0) {
    void vscode.window.showInformationMessage(
      'No provider has stated a limit yet: limits are read from the replies to calls.',
    )
    return
  }
  const clock: Clock = { now: Date.now(), timeZone: new Intl.DateTimeFormat().resolvedOptions().timeZone }
  const { limits } = tools.connection.view()
  const items = ratelimits.map((row) => ({
    label: accountName(row, limits),
    description: accountSummary(row, clock),
    row,
  }))
  const picked = await vscode.window.showQuickPick(items, {
    title: 'Tollkeeper: Query Rate Limits',
    placeHolder: 'Whose limits?',
    matchOnDescription: true,
  })
  if (picked !== undefined) showLimits(tools, picked.row, picked.label, clock)
}

function showLimits(tools: Tools, row: RateLimit, name: string, clock: Clock): void {
  pickFrom({
    title: `Tollkeeper: ${line(name, accountSummary(row, clock))}`,
    placeholder: row.windows.length === 0 ? 'No limit has been stated for it' : 'Enter copies a row',
    rows: rateLimitRows(row, clock),
    onBack: () => void askAndShow(tools),
    copy: (one) => (one.kind === 'separator' ? one.label : `${name}: ${line(one.label, one.description, one.detail)}`),
  })
}
