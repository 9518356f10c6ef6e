/** The daemon's log: JSON lines, each cleared of secrets as a whole before anyone sees it. */
import { inspect } from 'node:util'
import type { Log } from '../shared/contract/log.ts'
import { scrub, scrubber } from '../shared/scrub.ts'
import type { Repeats } from './log-repeats.ts'

const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof levels)[number]
type Fields = Record<string, unknown>

export type OpenedLog = Log & {
  /** Takes these values out of every line from now on, whatever their form. The set may grow. */
  hide(values: ReadonlySet<string>): void
  /** Leaves out what is below; undefined: as it was opened. */
  keepTo(level: LogLevel | undefined): void
  /** Says how many equal lines were left out, where it was not said yet. */
  close(): void
  /** Lines that went nowhere so far: that the disk did not take; that were equal to others. */
  figures(): { lost: number; leftOut: number }
}

/**
 * A line is `{level, time, …fields, msg}` with `level` as a word and `time` in ISO 8601. `write` gets it with its line end, at
 * once; of warnings and errors that are equal but for their time those that `repeats` lets through.
 */
export function openLog(options: {
  write: (line: string) => void
  level: LogLevel
  repeats?: Repeats
  /** How many lines what stands behind `write` has lost. */
  lost?: () => number
}): OpenedLog {
  const { write, repeats } = options
  let clean = scrub
  let least = levels.indexOf(options.level)
  // Scrubbing the finished line, not single fields, leaves no way around: messages, causes and nested headers included.
  const put = (level: LogLevel, said: string) => write(clean(dated(level, said)))
  const at = (level: LogLevel) => (message: string, fields?: Fields) => {
    if (levels.indexOf(level) < least) return
    const said = saidOf(message, fields)
    // what informs tells each thing once: a line a call need not be compared with those before it
    if (!repeats || levels.indexOf(level) < levels.indexOf('warn')) return put(level, said)
    repeats.take(level + said, (leftOut) => put(level, leftOut === 0 ? said : `"leftOut":${leftOut},${said}`))
  }
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    hide(values) {
      clean = scrubber(values)
    },
    keepTo(level) {
      least = levels.indexOf(level ?? options.level)
    },
    close: () => repeats?.close(),
    figures: () => ({ lost: options.lost?.() ?? 0, leftOut: repeats?.leftOut() ?? 0 }),
  }
}

/** One line, with its end. */
export function lineOf(level: LogLevel, message: string, fields?: Fields): string {
  return dated(level, saidOf(message, fields))
}

function dated(level: LogLevel, said: string): string {
  return `{"level":"${level}","time":"${new Date().toISOString()}",${said}}\n`
}

function saidOf(message: string, fields?: Fields): string {
  const text = fields === undefined ? '{}' : textOf(tellable(fields))
  const members = text === '{}' ? '' : `${text.slice(1, -1)},`
  return `${members}"msg":${JSON.stringify(message)}`
}

const ours = new Set(['level', 'time', 'msg', 'leftOut'])

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
