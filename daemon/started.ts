/** What a start is given, and what becomes of it. */
import type { OpenedLog } from './log.ts'
import type { HoldBounds } from './proxy/held-reply.ts'
import type { Book } from './store/book.ts'

export type StartOptions = {
  home: string
  /** 0: any free one. Absent: the one this home has kept, else 8655 or the next free one. */
  port?: number
  /** Adds the built-in simulated provider. */
  sandbox?: boolean
  log: OpenedLog
  /** Wall clock in epoch ms; a test's own. */
  now?: () => number
  /** How much of a reply is held while another target could be asked; a test's own. */
  bounds?: HoldBounds
  env?: NodeJS.ProcessEnv
}

export type Running = {
  kind: 'started'
  url: string
  port: number
  instanceId: string
  token: string
  book: Book
  /** Resolves when somebody asked the daemon to stop and it has. */
  stopped: Promise<void>
  /** Lets open streams end within the grace time, then cuts them and closes the store. A second call cuts at once. */
  close(graceSeconds?: number): Promise<void>
}
/** What a running daemon was started with. */
export type RunsAs = { port: number; sandbox: boolean }
export type Started = Running | { kind: 'already-running'; url: string; as: RunsAs } | { kind: 'unusable'; why: string }
