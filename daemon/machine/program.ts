/** Finds programs in PATH and asks them something, asynchronously and for a bounded time; the same on Windows, where they may be `.cmd` files. */
import { execFile } from 'node:child_process'
import { constants as access } from 'node:fs'
import { access as accessFile, stat } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'
import { toolEnvironment } from './tool-environment.ts'

type Env = NodeJS.ProcessEnv

/** Where a program of that name may be, in the order in which a shell looks; a name with a folder is that file. */
function programFiles(name: string, env: Env, platform: NodeJS.Platform): string[] {
  const isWindows = platform === 'win32'
  const ended = isWindows && /\.(exe|cmd|bat)$/i.test(name)
  const files = (!isWindows || ended ? [''] : ['.exe', '.cmd', '.bat']).map((ending) => name + ending)
  if ((isWindows ? /[\\/]/ : /\//).test(name)) return files.map((file) => resolve(file))
  // Windows does not tell `Path` from `PATH`
  const path = Object.entries(env).find(([key]) => (isWindows ? key.toUpperCase() : key) === 'PATH')?.[1] ?? ''
  const folders = path.split(isWindows ? ';' : delimiter).filter((folder) => folder !== '')
  return folders.flatMap((folder) => files.map((file) => join(folder, file)))
}

export type Command = { program: string; given: string[]; verbatim: boolean }

/** npm puts `.cmd` files in PATH on Windows; only cmd.exe can run those, and it reads its line by rules of its own. */
export function commandOf(path: string, args: readonly string[], platform: NodeJS.Platform, env: Env): Command {
  if (platform !== 'win32' || /\.exe$/i.test(path)) return { program: path, given: [...args], verbatim: false }
  const line = [path, ...args].map(quotedForCmd).join(' ')
  return { program: env.ComSpec ?? 'cmd.exe', given: ['/d', '/s', '/c', `"${line}"`], verbatim: true }
}

/**
 * Quoted as Microsoft's C runtime reads arguments (backslashes count only before a quote), then every character that cmd.exe acts
 * on is escaped, twice, because a `.cmd` file that passes its arguments on has them read a second time.
 */
function quotedForCmd(text: string): string {
  const quoted = `"${text.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\*)$/, '$1$1')}"`
  const escape = (part: string) => part.replace(/[()[\]%!^"`<>&|;, *?]/g, '^$&')
  return escape(escape(quoted))
}

/** `failed`: `why` ends the sentence "the program … it …". */
export type Said = { kind: 'said'; text: string } | { kind: 'missing' } | { kind: 'failed'; why: string }

export type Asking = { env: Env; platform: NodeJS.Platform; timeoutMs: number; signal: AbortSignal }

const mostBytes = 256 * 1024

/** What a program prints; it is killed where it takes longer. Never rejects. */
export async function ask(name: string, args: readonly string[], asking: Asking): Promise<Said> {
  const { env, platform, timeoutMs, signal } = asking
  const path = await findProgram(name, env, platform)
  if (path === undefined) return { kind: 'missing' }
  const { program, given, verbatim } = commandOf(path, args, platform, env)
  const bounds = { timeout: timeoutMs, maxBuffer: mostBytes, killSignal: 'SIGKILL', windowsHide: true } as const
  return new Promise((resolve) => {
    execFile(
      program,
      given,
      { ...bounds, signal, windowsVerbatimArguments: verbatim, env: toolEnvironment(env) },
      (error, stdout, stderr) => {
        if (!error) resolve({ kind: 'said', text: stdout })
        else resolve({ kind: 'failed', why: whyFailed(error, timeoutMs, stdout, stderr) })
      },
    )
  })
}

function whyFailed(error: Error & { killed?: boolean; code?: unknown }, timeoutMs: number, ...said: string[]): string {
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return `said more than ${mostBytes / 1024} KiB`
  if (error.killed) return `did not answer within ${timeoutMs / 1000} s`
  const line = said
    .flatMap((text) => text.split('\n'))
    .map((text) => text.trim())
    .find((text) => text !== '')
  return `failed (${String(error.code)})${line === undefined ? '' : `: ${line.slice(0, 160)}`}`
}

/** The first of that name in PATH, or the file that a path names; on Windows with one of the endings that stand for a program. */
export async function findProgram(
  name: string,
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): Promise<string | undefined> {
  for (const file of programFiles(name, env, platform)) if (await isProgram(file, platform)) return file
  return undefined
}

async function isProgram(file: string, platform: NodeJS.Platform): Promise<boolean> {
  try {
    if (platform !== 'win32') await accessFile(file, access.X_OK)
    return (await stat(file)).isFile()
  } catch {
    // not there, or not ours to run: the next folder may have it
    return false
  }
}
