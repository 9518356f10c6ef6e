/** Every assistant that can be told to come to us. */
import { printable } from '../table.ts'
import { aider } from './aider.ts'
import type { Assistant } from './assistant.ts'
import { claude } from './claude.ts'
import { cline } from './cline.ts'
import { codex } from './codex.ts'
import { continueCli } from './continue.ts'
import { gemini } from './gemini.ts'
import { opencode } from './opencode.ts'
import { qwen } from './qwen.ts'
import { aiSdk, anthropicSdk, genaiSdk, openaiSdk } from './sdks.ts'
import { vscode } from './vscode.ts'

export const assistants: readonly Assistant[] = [
  claude,
  codex,
  opencode,
  gemini,
  qwen,
  cline,
  continueCli,
  aider,
  openaiSdk,
  anthropicSdk,
  genaiSdk,
  aiSdk,
  vscode,
]

/** By its name, or by that of its program. */
export function assistantOf(name: string): Assistant | undefined {
  return assistants.find((one) => one.name === name || (typeof one.starts === 'object' && one.starts.program === name))
}

/** What to say to a name that is none of them. */
export function unknownAssistant(name: string): string {
  return `'${printable(name)}' is not known here. Known: ${assistants.map((one) => one.name).join(', ')}.`
}
