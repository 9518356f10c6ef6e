/** The daemon's log: JSON lines, each cleared of secrets as a whole before anyone sees it. */
import { inspect } from 'node:util'
import type { Log } from '../shared/contract/log.ts'
import { scrub } from '../shared/scrub.ts'

const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof levels)[number]
type Fields = Record<string, unknown>

/**
 * A line is `{level, time, …fields, msg}` with `level` as a word and `time` in ISO 8601. `write` gets it with its line end, at
 * once. `clean` is what takes secrets out: `scrub`, or one that knows more.
 */
export function openLog(options: {
  write: (line: string) => void
  level: LogLevel
  clean?: (line: string) => string
}): Log {
  const clean = options.clean ?? scrub
  const least = levels.indexOf(options.level)
  const at = (level: LogLevel) =>
    levels.indexOf(level) < least
      ? () => {}
      : // Scrubbing the finished line, not single fields, leaves no way around: messages, causes and nested headers included.
        (message: string, fields?: Fields) => options.write(clean(lineOf(level, message, fields)))
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

function lineOf(level: LogLevel, message: string, fields?: Fields): string {
  const text = fields === undefined ? '{}' : textOf(tellable(fields))
  const members = text === '{}' ? '' : `${text.slice(1, -1)},`
  return `{"level":"${level}","time":"${new Date().toISOString()}",${members}"msg":${JSON.stringify(message)}}\n`
}

const ours = new Set(['level', 'time', 'msg'])

/** Nearly always as they are: a field by one of our own names would stand in the line twice, and JSON has no errors. */
function tellable(fields: Fields): Fields {
  for (const name in fields) {
    if (ours.has(name) || fields[name] instanceof Error) {
      return Object.fromEntries(
        Object.entries(fields).map(([of, value]) => [ours.has(of) ? `${of}_` : of, errorOf(value, mostCauses)]),
      )
    }
  }
  return fields
}

const mostCauses = 8

function errorOf(value: unknown, deeper: number): unknown {
  if (!(value instanceof Error)) return value
  const { name, message, stack, cause } = value
  const told = { ...value, type: name, message, stack }
  return cause === undefined || deeper === 0 ? told : { ...told, cause: errorOf(cause, deeper - 1) }
}

function textOf(fields: Fields): string {
  try {
    return JSON.stringify(fields)
  } catch {
    // a circle, a BigInt, or a `toJSON` of someone else's that throws: the line must come out all the same
    return JSON.stringify(Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, inspect(value)])))
  }
}
