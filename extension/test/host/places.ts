/** Where things lie on each system: the cache that outlives a clone, and the browsers a person may have. Pure: the machine comes in as a value. */
import { posix, win32 } from 'node:path'

export type Machine = {
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
}

/** The folder for what a test run fetched and may use again; always outside the clone, since a fresh clone should not fetch anew. */
export function cacheFolder({ platform, env, home }: Machine): string {
  if (platform === 'win32') {
    return win32.join(env['LOCALAPPDATA'] || win32.join(home, 'AppData', 'Local'), 'tollkeeper', 'cache')
  }
  const xdg = env['XDG_CACHE_HOME'] ?? ''
  // XDG Base Directory Specification: a relative path is invalid and is to be ignored.
  return posix.join(posix.isAbsolute(xdg) ? xdg : posix.join(home, '.cache'), 'tollkeeper')
}

/** What `command` may stand for on the PATH, best first. */
export function onPath(command: string, { platform, env }: Machine): string[] {
  const windows = platform === 'win32'
  const path = windows ? win32 : posix
  const search = (windows ? (env['Path'] ?? env['PATH']) : env['PATH']) ?? ''
  return search
    .split(path.delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => path.join(folder, windows ? `${command}.exe` : command))
}

/**
 * Where an npm's own program may be, best first: beside that Node, then what the PATH leads to. Homebrew and Debian keep it apart from
 * their Node and link to it; on Windows `npm.cmd` stands beside it. `node`: its path, no link.
 */
export function npmPlaces(node: string, machine: Machine): string[] {
  const windows = machine.platform === 'win32'
  const path = windows ? win32 : posix
  const under = (folder: string): string => path.join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js')
  const beside = path.dirname(node)
  const found = onPath('npm', machine)
  return [
    under(windows ? beside : path.join(beside, '..', 'lib')),
    ...(windows ? found.map((place) => under(path.dirname(place))) : found),
  ]
}

const browserNames = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
  'msedge',
]

/** Every place where a Chromium, Chrome or Edge may be, in the order in which they are tried. */
export function browserPlaces(machine: Machine): string[] {
  return [...browserNames.flatMap((name) => onPath(name, machine)), ...usualPlaces(machine)]
}

function usualPlaces({ platform, env, home }: Machine): string[] {
  if (platform === 'darwin') {
    const names = ['Google Chrome', 'Chromium', 'Microsoft Edge']
    return ['/', home].flatMap((root) =>
      names.map((name) => posix.join(root, 'Applications', `${name}.app`, 'Contents', 'MacOS', name)),
    )
  }
  if (platform === 'win32') {
    const roots = [env['PROGRAMFILES'], env['PROGRAMFILES(X86)'], env['LOCALAPPDATA']].filter(
      (root) => root !== undefined,
    )
    const programs = [
      'Google\\Chrome\\Application\\chrome.exe',
      'Chromium\\Application\\chrome.exe',
      'Microsoft\\Edge\\Application\\msedge.exe',
    ]
    return programs.flatMap((program) => roots.map((root) => win32.join(root, program)))
  }
  return ['/opt/google/chrome/chrome', '/snap/bin/chromium']
}
