/** Asks one of the ready questions, or one that is typed, about usage and shows the daemon's answer as rows. */
import * as vscode from 'vscode'
import { commandId } from '../ids.ts'
import type { Command, Tools } from './command.ts'
import { pickFrom } from './pick-from.ts'
import {
  answerRows,
  copyText,
  filterForm,
  type Question,
  queryFor,
  questionIn,
  questions,
  titleOf,
} from './usage-questions.ts'

export const queryStats: Command = { id: commandId.queryStats, needsDaemon: true, run: askAndShow }

async function askAndShow(tools: Tools): Promise<void> {
  const typed = {
    label: '$(filter) Type a filter…',
    description: 'client:claude-code since:7d by:model',
    question: null,
  }
  const ready = questions.map((question) => ({ label: question.label, description: question.description, question }))
  const items: (vscode.QuickPickItem & { question: Question | null })[] = [...ready, typed]
  const picked = await vscode.window.showQuickPick(items, {
    title: 'Tollkeeper: Query Usage',
    placeHolder: 'What would you like to know?',
    matchOnDescription: true,
  })
  const question = picked?.question === null ? await askFilter() : picked?.question
  if (question !== undefined) await answer(tools, question)
}

async function askFilter(): Promise<Question | undefined> {
  const text = await vscode.window.showInputBox({
    title: 'Tollkeeper: Query Usage',
    prompt: 'Which calls, since when, and by what?',
    placeHolder: 'client:claude-code since:7d by:model',
    validateInput: (typed) => (questionIn(typed) === undefined ? filterForm : undefined),
  })
  return text === undefined ? undefined : questionIn(text)
}

async function answer(tools: Tools, question: Question): Promise<void> {
  const timeZone = tools.connection.view().about?.timeZone ?? 'UTC'
  const reply = await tools.connection.ask('usage', { query: queryFor(question, Date.now(), timeZone) })
  if (!reply.ok) {
    void vscode.window.showErrorMessage(`Tollkeeper could not answer: ${reply.error.detail}`)
    return
  }
  pickFrom({
    title: titleOf(question, reply.value),
    placeholder: reply.value.groups.length === 0 ? 'Nothing was used in this time' : 'Enter copies a row',
    rows: answerRows(reply.value),
    onBack: () => void askAndShow(tools),
    copy: (row) => copyText(question, row),
  })
}
