/** Settings as lines of a shell: whatever a value holds, the shell takes it as it is and acts on nothing in it. */
import { printable } from './table.ts'

export const shells = ['sh', 'powershell', 'cmd'] as const
export type Shell = (typeof shells)[number]

export function defaultShell(platform: NodeJS.Platform): Shell {
  return platform === 'win32' ? 'powershell' : 'sh'
}

/** One variable set in this shell. A value that the shell cannot hold becomes a comment that says so. */
export function setLine(shell: Shell, name: string, value: string): string {
  switch (shell) {
    case 'sh':
      return `export ${name}='${value.replaceAll("'", "'\\''")}'`
    case 'powershell':
      // it takes typographic quotes for plain ones
      return `$env:${name} = '${value.replace(/['\u2018-\u201b]/g, '$&$&')}'`
    case 'cmd':
      if (/[\r\n]/.test(value)) return commentLine(shell, `${name} holds a line break, which cmd cannot set.`)
      return `set "${name}=${forBatch(value)}"`
  }
}

export function commentLine(shell: Shell, text: string): string {
  const line = printable(text)
  return shell === 'cmd' ? `rem ${line.replaceAll('%', '%%')}` : `# ${line}`
}

/**
 * As a line of a `.cmd` file reads it: percent signs are doubled, and what stands behind an odd number of quotes (the first is
 * ours) is quoted already; the rest is escaped.
 */
function forBatch(value: string): string {
  let quoted = true
  return value.replaceAll('%', '%%').replace(/["&|<>^()]/g, (mark) => {
    if (mark === '"') quoted = !quoted
    return quoted || mark === '"' ? mark : `^${mark}`
  })
}
