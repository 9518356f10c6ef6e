/** What a command works with: where it writes, whose environment and home it is; handed in, so that tests can look on. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

export type Io = {
  /** To standard output: what was asked for, and nothing else. */
  out(text: string): void
  /** To standard error: everything said beside it. */
  err(text: string): void
  /** Whether a program reads it: see `say.ts`. */
  json: boolean
  /** How wide the terminal is that shows the answer. Infinity: it goes elsewhere. */
  columns: number
  env: Record<string, string | undefined>
  /** Epoch ms. */
  now(): number
  platform: NodeJS.Platform
}

/** 0 fine, 1 fault, 2 bad usage, 3 already running. */
export type ExitCode = number
export const exit = { fine: 0, fault: 1, badUsage: 2, alreadyRunning: 3 } as const

/** `--home`, else `TOLLKEEPER_HOME`, else `~/.tollkeeper`. */
export function homeOf(env: Io['env'], asked?: string): string {
  return resolve(asked || env.TOLLKEEPER_HOME || join(homedir(), '.tollkeeper'))
}
