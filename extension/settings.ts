/** The user's settings as values. VS Code has checked them against the manifest only when they were written by its editor. */
import * as vscode from 'vscode'
import { defaultPort } from '../shared/contract/discovery.ts'
import { settingId } from './ids.ts'

export type Settings = {
  clickAction: 'glance' | 'dashboard'
  colour: boolean
  warnAt: number
  autoStart: 'ask' | 'always' | 'never'
  program: string
  /** undefined: the daemon's own choice, 8655 or the next free one. */
  port: number | undefined
  /** VS Code's own proxy setting. */
  proxy: string | undefined
}

export function readSettings(): Settings {
  const all = vscode.workspace.getConfiguration()
  const warn = Number(all.get(settingId.warn))
  const port = Number(all.get(settingId.port))
  const autoStart = all.get<string>(settingId.autoStart)
  return {
    clickAction: all.get(settingId.clickAction) === 'dashboard' ? 'dashboard' : 'glance',
    colour: all.get(settingId.color) !== 'never',
    warnAt: warn >= 50 && warn <= 99 ? warn : 90,
    autoStart: autoStart === 'always' || autoStart === 'never' ? autoStart : 'ask',
    program: all.get<string>(settingId.path) ?? '',
    port: Number.isInteger(port) && port >= 0 && port <= 65535 && port !== defaultPort ? port : undefined,
    proxy: all.get<string>('http.proxy'),
  }
}
