/** What every part of the daemon writes its log with; `daemon/log.ts` makes one, and scrubs secrets from every line. */
export type Log = {
  debug(message: string, fields?: Record<string, unknown>): void
  info(message: string, fields?: Record<string, unknown>): void
  warn(message: string, fields?: Record<string, unknown>): void
  error(message: string, fields?: Record<string, unknown>): void
}

/** How a part of the daemon says that something is not as it should be, and that it is again. */
export type Warn = {
  raise(code: import('./warning.ts').WarningCode, subject: string, text: string): void
  clear(code: import('./warning.ts').WarningCode, subject: string): void
}
