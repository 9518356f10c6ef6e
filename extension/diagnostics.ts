/** What somebody is asked for who says that something is wrong: where this window runs, and what the daemon's own doctor finds; without secrets. */
import { execFile } from 'node:child_process'
import { scrub } from '../shared/scrub.ts'
import { type ProgramOptions, programFor } from './daemon-process.ts'
import type { Link } from './link.ts'

/** `editor`: its name and version. `remote`: VS Code's name for where this window's extensions run; undefined: on this machine. */
export type Surroundings = { editor: string; remote: string | undefined; version: string; userHome: string; link: Link }

/** Checks of providers wait for a network that may be slow; those of the machine take a moment. */
const withinMs = 60_000

/** As the command line prints it; why there is none where it does not run. */
export async function doctorSays(options: ProgramOptions, args: readonly string[] = []): Promise<string> {
  const { main, runtime } = await programFor(options)
  return new Promise((resolve) => {
    const how = { env: runtime.env, cwd: options.home, timeout: withinMs, windowsHide: true }
    execFile(runtime.program, [main, 'doctor', ...args], how, (error, stdout, stderr) => {
      // it ends with 1 where it finds faults, and has said them by then
      resolve(stdout.trim() || stderr.trim() || `It did not run: ${error?.message ?? 'it said nothing'}`)
    })
  })
}

/** To be pasted into an issue: one block of Markdown. The user's own folder is `~`, as their name is nobody's business. */
export function diagnosticsText({ editor, remote, version, userHome, link }: Surroundings, doctor: string): string {
  const window = [
    `${editor} on ${process.platform} ${process.arch}, extensions ${remote === undefined ? 'here' : `at ${remote}`}`,
    `Extension ${version}, the daemon as this window sees it: ${wordsOf(link)}`,
  ]
  const text = scrub([...window, '', doctor].join('\n')).replaceAll(userHome, '~')
  return `\`\`\`text\n${text.replaceAll('```', "'''")}\n\`\`\`\n`
}

function wordsOf(link: Link): string {
  switch (link.kind) {
    case 'starting':
      return 'looked for'
    case 'off':
      return `off (${link.why})`
    case 'mismatch':
      return `${link.version}, which the ${link.older} is too old for`
    case 'live':
      return 'attached'
  }
}
