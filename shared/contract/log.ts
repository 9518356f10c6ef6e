/** What every part of the daemon writes its log with; `daemon/log.ts` makes one, and scrubs secrets from every line. */
import type { WarningCode } from './warning.ts'

export type Log = {
  debug(message: string, fields?: Record<string, unknown>): void
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
  error(message: string, fields?: Record<string, unknown>): void
}

/** How a part of the daemon says that something is not as it should be, and that it is again. */
export type Warn = {
  raise(code: WarningCode, subject: string, text: string): void
  clear(code: WarningCode, subject: string): void
}
