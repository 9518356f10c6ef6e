/** The config while the daemon runs: read anew when its file changes, changed over the API, and always the last good one. */
import { createHash } from 'node:crypto'
import { realpath } from 'node:fs/promises'
import type { Config } from '../../shared/contract/config.ts'
import type { Log } from '../../shared/contract/log.ts'
import {
  type CheckedConfig,
  type ConfigText,
  checkedText,
  configOf,
  configPath,
  type Env,
  readConfigText,
} from './config-file.ts'
import { isSame, placeIn, valueOf, withValue } from './config-text.ts'
import type { ConfigProblem } from './config-words.ts'
import { isMissing } from './disk.ts'
import { replaceFileIf } from './durable-file.ts'
import { watchFile } from './file-watch.ts'

type Value = Record<string, unknown>
export type EditNo = { code: 'conflict' | 'bad_request' | 'not_found' | 'internal'; detail: string }

type Change = (written: Value, config: Config) => { value: Value } | EditNo

export type LiveConfig = {
  readonly path: string
  /** Never changed in place: who holds it keeps what it began with. */
  config(): Config
  problems(): ConfigProblem[]
  /** Whether there was a file that could be used, or none, since the start: until then defaults stand in for what nobody could read. */
  isKnown(): boolean
  /** Whether the file is there and says what is in use. */
  isFromFile(): boolean
  /** The file's value as it stands there, variables and all; that of the last good one where the file is broken. */
  written(): Value
  /** `config.jsonc, line 3, column 5`: where a property of the last good file stands. */
  placeOf(path: (string | number)[]): string
  /** Names the file's present text, for `if-match`. */
  version(): string
  /** Told after each change of what is in use or of what is wrong. */
  watch(fn: () => void): () => void
  /**
   * Changes the file and takes it over. `change` gets what it holds now, and what that means with its variables filled in.
   * `version`: what the file must still be. undefined: done.
   */
  edit(version: string | undefined, change: Change): Promise<EditNo | undefined>
  close(): void
}

export type LiveConfigOptions = {
  home: string
  env: Env
  log: Log
  /** What is wrong in a config that its schema cannot see. */
  faultsOf(config: Config): readonly { text: string }[]
  pollMs?: number
}

/** A file that is gone, empty or broken may be between two steps of an editor: it counts if it still is after this time. */
const doubtMs = 400

export function openLiveConfig(options: LiveConfigOptions): LiveConfig {
  const { env, log } = options
  const path = configPath(options.home)
  const watchers = new Set<() => void>()
  let file = readConfigText(path)
  let checked = checkedText(file, path, env, 'the defaults are in use')
  let good: { text: string; read: CheckedConfig } = { text: checked.usable ? textOf(file) : '', read: checked }
  let doubted: ConfigText | undefined
  let last: Promise<unknown> = Promise.resolve()
  const watching = watchFile(path, look, log, options.pollMs)

  function look(): void {
    const found = readConfigText(path)
    if (isSame(found, file)) {
      doubted = undefined
      return
    }
    const read = checkedText(found, path, env, 'the last good one stays in use')
    if ((!read.usable || textOf(found).trim() === '') && !isSame(found, doubted)) {
      doubted = found
      watching.again(doubtMs)
      return
    }
    take(found, read)
  }

  function take(found: ConfigText, read: CheckedConfig): void {
    const before = good.read.config
    file = found
    checked = read
    doubted = undefined
    if (read.usable) good = { text: textOf(found), read }
    if (found.kind === 'missing') log.info('config.jsonc is gone: the defaults are in use')
    else if (read.usable) log.info('config.jsonc was read anew', { changed: changedKeys(before, read.config) })
    for (const fn of watchers) fn()
  }

  async function edit(version: string | undefined, change: Change) {
    const found = readConfigText(path)
    if (version !== undefined && version !== versionOf(found)) return no('conflict', hasChanged)
    const read = checkedText(found, path, env, 'the last good one stays in use')
    const value = read.usable ? valueOf(textOf(found)) : undefined
    if (!value) return no('conflict', `config.jsonc must be mended first. ${read.problems[0]?.text ?? ''}`)
    const changed = change(value, read.config)
    if ('code' in changed) return changed
    if (isSame(changed.value, value)) return undefined
    const text = withValue(textOf(found), changed.value)
    if (text === undefined) return no('conflict', 'A key stands twice in config.jsonc: take one of them out by hand.')
    const after = configOf(text, env)
    const fault = newFault(read, after)
    if (fault !== undefined) return no('bad_request', fault)
    const unchanged = () => isSame(readConfigText(path), found)
    try {
      // a link to where somebody keeps their settings stays one
      if (!(await replaceFileIf(await targetOf(path), text, unchanged))) return no('conflict', hasChanged)
    } catch (error) {
      const why = error instanceof Error && 'code' in error ? String(error.code) : String(error)
      log.error('config.jsonc cannot be written', { error })
      return no('internal', `config.jsonc cannot be written (${why}); check the disk and who may write there.`)
    }
    take({ kind: 'text', text }, after)
    return undefined
  }

  /** What the change would break that was whole before. */
  function newFault(before: CheckedConfig, after: CheckedConfig): string | undefined {
    const isOld = (one: ConfigProblem) =>
      before.problems.some(({ code, subject }) => code === one.code && subject === one.subject)
    const bad = after.problems.find((one) => one.code === 'config-invalid' && !isOld(one))
    if (bad) return bad.text.replace(/^config\.jsonc, line \d+, column \d+: | Until then .*$/g, '')
    const known = new Set(options.faultsOf(before.config).map(({ text }) => text))
    return options.faultsOf(after.config).find(({ text }) => !known.has(text))?.text
  }

  return {
    path,
    config: () => good.read.config,
    problems: () =>
      checked.usable ? checked.problems : [...checked.problems, ...(good.read === checked ? [] : good.read.problems)],
    isKnown: () => good.read.usable,
    isFromFile: () => file.kind === 'text' && checked.usable,
    written: () => valueOf(good.text) ?? {},
    placeOf: (path) => placeIn(good.text, path),
    version: () => versionOf(file),
    watch(fn) {
      watchers.add(fn)
      return () => void watchers.delete(fn)
    },
    edit(version, change) {
      // one after the other: each begins with what the one before wrote
      const turn = last.then(() => edit(version, change))
      // whoever asked for it is told; the next one goes on all the same
      last = turn.catch(() => undefined)
      return turn
    },
    close: watching.close,
  }
}

const hasChanged = 'config.jsonc has changed meanwhile: read it again and repeat the change.'

function no(code: EditNo['code'], detail: string): EditNo {
  return { code, detail }
}

function textOf(file: ConfigText): string {
  return file.kind === 'text' ? file.text : ''
}

function versionOf(file: ConfigText): string {
  return createHash('sha256').update(textOf(file)).digest('hex').slice(0, 16)
}

function changedKeys(before: Config, after: Config): string[] {
  const [old, now]: Record<string, unknown>[] = [{ ...before }, { ...after }]
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => !isSame(old?.[key], now?.[key]))
}

async function targetOf(path: string): Promise<string> {
  return realpath(path).catch((error: unknown) => {
    if (isMissing(error)) return path
    throw error
  })
}
