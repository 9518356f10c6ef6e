/** Asks what providers say is left: first whose limits, then one row a limit. */
import * as vscode from 'vscode'
import { commandId } from '../ids.ts'
import type { Command, Tools } from './command.ts'
import { fitRow, tokensIn } from './fits.ts'
import { pickFrom } from './pick-from.ts'
import { line, type PickRow } from './pick-row.ts'
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

/** `fit`: the answer to the question before it. */
function showLimits(
  tools: Tools,
  row: RateLimit,
  name: string,
  clock: Clock,
  fit: readonly PickRow<'fits'>[] = [],
): void {
  const question: PickRow<'fits'> = {
    kind: 'row',
    label: '$(question) Does it fit?…',
    description: 'asks for tokens',
    detail: '',
    action: 'fits',
  }
  pickFrom<'fits'>({
    title: `Tollkeeper: ${line(name, accountSummary(row, clock))}`,
    placeholder: row.windows.length === 0 ? 'No limit has been stated for it' : 'Enter copies a row',
    rows: [...fit, ...rateLimitRows(row, clock), question],
    onBack: () => void askAndShow(tools),
    copy: (one) => (one.kind === 'separator' ? one.label : `${name}: ${line(one.label, one.description, one.detail)}`),
    run: () => void askFit(tools, row, name, clock),
  })
}

async function askFit(tools: Tools, row: RateLimit, name: string, clock: Clock): Promise<void> {
  const typed = await vscode.window.showInputBox({
    title: `Tollkeeper: Does it fit? ${name}`,
    prompt: 'How many tokens will the task use?',
    placeHolder: '120k',
    validateInput: (text) => (tokensIn(text) === null ? 'A number of tokens such as 12000, 120k or 1.5M' : undefined),
  })
  const wanted = typed === undefined ? null : tokensIn(typed)
  if (wanted === null) return showLimits(tools, row, name, clock)
  const { provider, account, model } = row
  const query = { provider, account, input_tokens: String(wanted), ...(model === '*' ? {} : { model }) }
  const reply = await tools.connection.ask('allowed', { query })
  if (reply.ok) return showLimits(tools, row, name, clock, [fitRow(reply.value, wanted)])
  void vscode.window.showErrorMessage(`Tollkeeper could not answer: ${reply.error.detail}`)
}
