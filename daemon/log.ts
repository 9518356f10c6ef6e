/** The daemon's log: JSON lines by pino, each cleared of secrets as a whole before anyone sees it. */
import { pino } from 'pino'
import type { Log } from '../shared/contract/log.ts'
import { scrub } from '../shared/scrub.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/**
 * A line is `{level, time, msg, …fields}` with `level` as a word and `time` in ISO 8601. `write` gets it with its line end, at
 * once. `clean` is what takes secrets out: `scrub`, or one that knows more.
 */
export function openLog(options: {
  write: (line: string) => void
  level: LogLevel
  clean?: (line: string) => string
}): Log {
  const clean = options.clean ?? scrub
  // Scrubbing the finished line, not single fields, leaves no way around: error messages, causes and nested headers included.
  const destination = { write: (line: string) => options.write(clean(line)) }
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: pino.stdSerializers.err },
    },
    destination,
  )
  return {
    debug: (message, fields = {}) => logger.debug(own(fields), message),
    info: (message, fields = {}) => logger.info(own(fields), message),
    warn: (message, fields = {}) => logger.warn(own(fields), message),
    error: (message, fields = {}) => logger.error(own(fields), message),
  }
}

const ours = new Set(['level', 'time', 'msg'])

/** A field by one of our own names would stand in the line twice. */
function own(fields: Record<string, unknown>): Record<string, unknown> {
  if (!Object.keys(fields).some((name) => ours.has(name))) return fields
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [ours.has(name) ? `${name}_` : name, value]))
}
