/** The log file of a daemon in the background: written off the path of calls, and with its older files within a bound. */
import { appendFileSync, fstatSync, statSync } from 'node:fs'
import { appendFile, copyFile, rename, rm, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { lineOf } from './log.ts'
import { codeOf, isMissing } from './store/disk.ts'

export type LogFile = {
  /** Whole lines. Never throws, and never waits for the disk. */
  write(text: string): void
  /** Lines that the disk did not take, or for which there was no room in memory. */
  lost(): number
  /** Resolves once what waits is written, or the disk refused it; for an ordinary end. */
  close(): Promise<void>
  /** Writes what waits at once, for an end that cannot wait. Never throws. */
  closeNow(): void
}

/** `files`: this one and the older ones, each of `bytes`. `waiting`: characters that may wait in memory. */
export type LogBounds = { files: number; bytes: number; waiting: number; gatherMs: number }
const usual: LogBounds = { files: 5, bytes: 10 * 2 ** 20, waiting: 2 ** 20, gatherMs: 50 }

export const logPathOf = (home: string): string => join(home, 'daemon.log')

/** Whether standard output goes to this very file: whoever starts a daemon in the background has put it there. */
export function isOutput(path: string): boolean {
  try {
    const [out, file] = [fstatSync(1, { bigint: true }), statSync(path, { bigint: true })]
    return out.isFile() && out.dev === file.dev && out.ino === file.ino
  } catch {
    // there is no such file, or no output
    return false
  }
}

export function openLogFile(path: string, bounds: LogBounds = usual): LogFile {
  let waiting = ''
  let lost = 0
  let untold = 0
  // the disk may have taken half a line: the next one begins on a new one
  let isTorn = false
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> | null = null

  function lose(text: string): void {
    const lines = text.split('\n').length - 1
    lost += lines
    untold += lines
  }

  function takeWaiting(): { text: string; told: string; toldOf: number } {
    const told = untold === 0 ? '' : lineOf('warn', 'Lines of this log were lost', { lines: untold })
    const taken = { text: waiting, told: (isTorn ? '\n' : '') + told, toldOf: untold }
    waiting = ''
    // of what is lost from here on nothing is told yet
    untold = 0
    return taken
  }

  function failed(text: string, toldOf: number): void {
    isTorn = true
    untold += toldOf
    lose(text)
  }

  async function writeAll(): Promise<void> {
    while (waiting !== '') {
      const { text, told, toldOf } = takeWaiting()
      const note = await makeRoom(path, Buffer.byteLength(told + text), bounds)
      try {
        await appendFile(path, told + note + text, { mode: 0o600 })
        isTorn = false
      } catch {
        // said in the log itself as soon as it takes a line again: there is no better place
        failed(text, toldOf)
      }
    }
    writing = null
  }

  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    writing ??= writeAll()
    return writing
  }

  return {
    write(text) {
      if (waiting.length + text.length > bounds.waiting) return lose(text)
      waiting += text
      // lines that come together are written together; what is being written takes along what has come meanwhile
      if (writing === null) timer ??= setTimeout(() => void flush(), bounds.gatherMs).unref()
    },
    lost: () => lost,
    close: flush,
    closeNow() {
      clearTimeout(timer)
      if (waiting === '') return
      const { text, told, toldOf } = takeWaiting()
      try {
        appendFileSync(path, told + text, { mode: 0o600 })
        isTorn = false
      } catch {
        failed(text, toldOf)
      }
    },
  }
}

/**
 * Moves the file's lines to an older one where it would grow too large. It is copied and emptied, not renamed: it is the
 * output of this process too, where Node itself writes its last words. Answers what is to be said of it.
 */
async function makeRoom(path: string, more: number, { files, bytes }: LogBounds): Promise<string> {
  try {
    const { size } = await stat(path)
    if (size === 0 || size + more <= bytes) return ''
  } catch (error) {
    // not there any more: the next write makes it, or says why not
    return isMissing(error) ? '' : notKept(error)
  }
  const older = (n: number) => `${path}.${n}`
  let fault: unknown
  const fail = (error: unknown) => {
    if (!isMissing(error)) fault = error
  }
  await rm(older(files - 1), { force: true }).catch(fail)
  for (let n = files - 2; n > 0; n--) await rename(older(n), older(n + 1)).catch(fail)
  await copyFile(path, older(1)).catch(fail)
  // its bound holds in any case
  await truncate(path).catch(fail)
  return fault === undefined ? '' : notKept(fault)
}

function notKept(error: unknown): string {
  return lineOf('warn', 'Older lines of this log could not be kept', { why: codeOf(error) ?? String(error) })
}
