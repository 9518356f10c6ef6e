/** Reads `config.jsonc`: comments and variables in, a checked value out, and every problem in words with its place. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { getNodeValue, type JSONPath, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
import type * as z from 'zod/mini'
import { type Config, config as schema } from '../../shared/contract/config.ts'
import { scrub } from '../../shared/scrub.ts'
import { secretNamesIn } from './config-names.ts'
import { fillVariables } from './config-variables.ts'
import { type ConfigProblem, nodeAt, placeOf, wordsForIssue, wordsForSyntax } from './config-words.ts'

export type CheckedConfig = {
  /** Empty where the text cannot be used as a whole. */
  config: Config
  problems: ConfigProblem[]
  usable: boolean
}
export type ReadConfig = CheckedConfig & { path: string }
export type ConfigText = { kind: 'text'; text: string } | { kind: 'missing' } | { kind: 'unreadable'; why: string }
export type Env = Readonly<Record<string, string | undefined>>

const fileName = 'config.jsonc'
const mostBytes = 1024 * 1024
/** A broken file tends to break in many places; the first ones are enough to mend it. */
const mostProblems = 10

/**
 * No file is an empty config. A file that cannot be used as a whole gives the defaults and says why; what can be passed over
 * alone (an unknown key, a time zone that does not exist, a key whose variable is not set) is. No problem's text ever holds a
 * value from the file.
 */
export function readConfig(home: string, env: Env): ReadConfig {
  const path = configPath(home)
  return { ...checkedText(readConfigText(path), path, env, 'the defaults are in use'), path }
}

export function configPath(home: string): string {
  return join(home, fileName)
}

/** `meanwhile`: what is in use as long as the file cannot be. */
export function checkedText(file: ConfigText, path: string, env: Env, meanwhile: string): CheckedConfig {
  // Most people have none: the well-known providers are there without it.
  if (file.kind === 'missing') return { config: {}, problems: [], usable: true }
  if (file.kind === 'unreadable') {
    const problem = invalid(fileName, `${path} ${file.why} Until then ${meanwhile}.`)
    return { config: {}, problems: [problem], usable: false }
  }
  const read = configOf(file.text, env, meanwhile)
  return { ...read, problems: read.problems.slice(0, mostProblems) }
}

export function readConfigText(path: string): ConfigText {
  try {
    const { size } = statSync(path)
    if (size > mostBytes) return { kind: 'unreadable', why: 'is larger than 1 MiB; no config is that long.' }
    return { kind: 'text', text: readFileSync(path, 'utf8').replace(/^\uFEFF/, '') }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    if (code === 'ENOENT') return { kind: 'missing' }
    return { kind: 'unreadable', why: `cannot be read (${code}); check what it is and who may read it.` }
  }
}

/** The text of a config file, read. Line and column in the problems count from 1. */
export function configOf(text: string, env: Env, meanwhile = 'the defaults are in use'): CheckedConfig {
  const whole = readWhole(text, env)
  const read = { ...whole, problems: whole.problems.map(withoutSecrets) }
  if (read.usable) return read
  const problems = read.problems.map((problem) =>
    problem.code === 'config-invalid' ? { ...problem, text: `${problem.text} Until then ${meanwhile}.` } : problem,
  )
  return { ...read, problems }
}

function readWhole(text: string, env: Env): CheckedConfig {
  const errors: ParseError[] = []
  const root = treeOf(text, errors)
  if (root === 'too-deep') return broken([invalid(fileName, 'config.jsonc is nested too deeply to be read.')])
  if (root === undefined && isBlank(errors)) return { config: {}, problems: [], usable: true }
  if (errors.length > 0 || root === undefined) {
    const faults = (errors.length > 0 ? errors : [{ error: 4, offset: 0, length: 0 }]).map((error) => {
      const words = wordsForSyntax(printParseErrorCode(error.error))
      return `${placeOf(text, error.offset)}: ${words}`
    })
    // where several braces are missing, the end of the file is named once
    return broken([...new Set(faults)].map((words) => invalid(fileName, words)))
  }
  if (root.type !== 'object') return broken([invalid(fileName, 'config.jsonc must hold one object: { … }.')])
  return checked(text, root, env)
}

export function treeOf(text: string, errors: ParseError[]): Node | undefined | 'too-deep' {
  try {
    return parseTree(text, errors, { allowTrailingComma: true })
  } catch (error) {
    // The parser calls itself for each level.
    if (error instanceof RangeError) return 'too-deep'
    throw error
  }
}

/** Nothing but space and comments: the only complaint is that a value was expected at the end. */
function isBlank(errors: readonly ParseError[]): boolean {
  return errors.every((error) => printParseErrorCode(error.error) === 'ValueExpected')
}

function checked(text: string, root: Node, env: Env): CheckedConfig {
  const value = getNodeValue(root) as Record<string, unknown>
  const place = (path: JSONPath) => placeOf(text, nodeAt(root, path)?.offset ?? root.offset)
  const { problems, faults } = fillVariables(value, env, place)
  if (faults.length > 0) return broken([...problems, ...faults])

  for (;;) {
    const parsed = schema.safeParse(value)
    if (parsed.success) {
      const secrets = secretNamesIn(parsed.data).map((path) => notAName(path, place))
      if (secrets.length > 0) return broken([...problems, ...secrets])
      return { config: withTimeZone(parsed.data, problems, place), problems, usable: true }
    }
    const unknown = parsed.error.issues.filter((issue) => issue.code === 'unrecognized_keys')
    if (unknown.length < parsed.error.issues.length) {
      return broken([...problems, ...parsed.error.issues.map((issue) => problemOf(issue, place))])
    }
    for (const issue of unknown) passOver(value, issue, place, problems)
  }
}

function passOver(
  value: Record<string, unknown>,
  issue: z.core.$ZodIssueUnrecognizedKeys,
  place: (path: JSONPath) => string,
  problems: ConfigProblem[],
): void {
  const holder = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)[key], value)
  for (const key of issue.keys) {
    const path = [...(issue.path as JSONPath), key]
    const words = `unknown key ${JSON.stringify(key.slice(0, 60))} is passed over; correct its spelling or take it out.`
    problems.push(invalid(path.join('.').slice(0, 200), `${place(path)}: ${words}`))
    delete (holder as Record<string, unknown>)[key]
  }
}

function notAName(path: JSONPath, place: (path: JSONPath) => string): ConfigProblem {
  const words = 'a key stands here in place of a name, and names are recorded and shown; take it out.'
  return invalid(path.join('.').slice(0, 200), `${place(path)}: ${words}`)
}

function problemOf(issue: z.core.$ZodIssue, place: (path: JSONPath) => string): ConfigProblem {
  const path = issue.path as JSONPath
  const subject = path.length === 0 ? fileName : path.join('.').slice(0, 200)
  return invalid(subject, `${place(path)}: ${subject} ${wordsForIssue(issue)}`)
}

function withTimeZone(config: Config, problems: ConfigProblem[], place: (path: JSONPath) => string): Config {
  const { timeZone, ...rest } = config
  if (timeZone === undefined || isTimeZone(timeZone)) return config
  const words = `timeZone is no zone that this machine knows; write an IANA name such as "Europe/Berlin".`
  problems.push(invalid('timeZone', `${place(['timeZone'])}: ${words}`))
  return rest
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    // A RangeError is how Intl says that it does not know the name.
    return false
  }
}

function broken(problems: ConfigProblem[]): CheckedConfig {
  return { config: {}, problems, usable: false }
}

function invalid(subject: string, text: string): ConfigProblem {
  return { code: 'config-invalid', subject, text }
}

/** What is wrong may be that a secret stands where a name belongs. */
function withoutSecrets({ code, subject, text }: ConfigProblem): ConfigProblem {
  return { code, subject: scrub(subject), text: scrub(text) }
}
