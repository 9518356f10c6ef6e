/** Does the home stand on a disk of this machine, which nobody else carries elsewhere? */
import { existsSync, realpathSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Around } from './around.ts'
import { ok, type Said, warn } from './finding.ts'
import { nearestFolder } from './home.ts'
import { runQuick } from './run-quick.ts'
import { isWsl } from './wsl.ts'

export type PlaceFacts = {
  /** With links followed. */
  path: string
  platform: NodeJS.Platform
  env: Around['env']
  /** As the system names it, such as `ext4` or `nfs4`; null: it does not tell. */
  fileSystem: string | null
  /** A folder above it, or it itself, is one of Syncthing's. */
  hasSyncthing: boolean
  wsl: boolean
}

export async function place(around: Around): Promise<Said[]> {
  const { platform, env } = around
  // on Windows this also turns the letter of a network drive into its \\server\share
  const path = realpathSync.native(await nearestFolder(around.home))
  const fileSystem = await fileSystemOf(path, platform, env)
  return [saidOfPlace({ path, platform, env, fileSystem, hasSyncthing: hasSyncthing(path), wsl: isWsl(around) })]
}

async function fileSystemOf(path: string, platform: NodeJS.Platform, env: Around['env']): Promise<string | null> {
  // without /proc, as in some sandboxes, it is not known
  if (platform === 'linux')
    return fileSystemIn(await readFile('/proc/self/mountinfo', 'utf8').catch(() => ''), path, mountInfoLine)
  if (platform === 'darwin') return fileSystemIn((await runQuick('/sbin/mount', [], { env })) ?? '', path, mountLine)
  return null
}

type Mount = { at: string; kind: string }

/** The kind of the mount that a path is on: the last one of those nearest to it, which hides the ones before. */
export function fileSystemIn(text: string, path: string, read: (line: string) => Mount | undefined): string | null {
  let nearest: Mount | undefined
  for (const line of text.split('\n')) {
    const mount = read(line)
    if (mount && isBelow(path, mount.at, '/') && mount.at.length >= (nearest?.at.length ?? 0)) nearest = mount
  }
  return nearest?.kind ?? null
}

/** proc_pid_mountinfo(5): the mount point is field 5, the kind stands behind a lone dash; blanks are written in octal. */
export function mountInfoLine(line: string): Mount | undefined {
  const [before = '', after] = line.split(' - ')
  const at = before.split(' ')[4]
  const kind = after?.split(' ')[0]
  if (at === undefined || kind === undefined) return undefined
  return { at: at.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))), kind }
}

/** mount(8) of macOS: `//ann@server/share on /Volumes/share (smbfs, nodev)`. */
export function mountLine(line: string): Mount | undefined {
  const [, at, kind] = / on (\/.*) \(([^,)]+)/.exec(line) ?? []
  return at === undefined || kind === undefined ? undefined : { at, kind }
}

function hasSyncthing(path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    if (existsSync(join(at, '.stfolder'))) return true
    if (dirname(at) === at) return false
  }
}

const elsewhere = 'Move the home to a disk of this machine alone: tollkeeper backup, then restore with --home'

export function saidOfPlace(facts: PlaceFacts): Said {
  const { path, fileSystem, wsl } = facts
  const synced = syncedBy(facts)
  if (synced !== null) {
    return warn(
      `${path} is kept in step with other machines by ${synced}: two daemons, or a file put back, would spoil the history.`,
      elsewhere,
    )
  }
  if (wsl && (fileSystem === '9p' || fileSystem === 'drvfs')) {
    return warn(
      `${path} is on the Windows side, which is slow from WSL and keeps no rights.`,
      'Use a home inside WSL, such as ~/.tollkeeper',
    )
  }
  if (isNetwork(facts)) {
    const kind = fileSystem === null ? 'a network drive' : `a network file system (${fileSystem})`
    return warn(
      `${path} is on ${kind}: where it hangs the journal does, and a daemon on another machine is not seen.`,
      elsewhere,
    )
  }
  if (fileSystem === 'tmpfs' || fileSystem === 'ramfs') {
    return warn(
      `${path} is in memory (${fileSystem}) and gone after a restart of the machine.`,
      'Use a home on a disk: --home or TOLLKEEPER_HOME',
    )
  }
  return ok(`${path} is on this machine${fileSystem === null ? '' : ` (${fileSystem})`}.`)
}

const network =
  /^(nfs\d?|cifs|smb\w*|9p|ceph|lustre|afs|afpfs|webdav|gfs2?|ocfs2|coda|ncpfs|beegfs|fuse\.(sshfs|rclone|glusterfs|ceph|s3fs|davfs2?|gcsfuse|smbnetfs|curlftpfs|goofys))$/i

/** A system's own subtree on Windows' server for WSL counts too: it is reached by a network protocol. */
function isNetwork({ path, platform, fileSystem }: PlaceFacts): boolean {
  return fileSystem === null ? platform === 'win32' && /^[\\/]{2}(?![?.][\\/])/.test(path) : network.test(fileSystem)
}

const folders: readonly [RegExp, string][] = [
  [/^OneDrive( - .+)?$/i, 'OneDrive'],
  [/^Dropbox( \(.+\))?$/i, 'Dropbox'],
  [/^(Mobile Documents|iCloud ?Drive)$/i, 'iCloud'],
  [/^(Google ?Drive|My Drive)$/i, 'Google Drive'],
  [/^Nextcloud$/i, 'Nextcloud'],
  [/^Box( Sync)?$/, 'Box'],
]

function syncedBy({ path, platform, env, hasSyncthing }: PlaceFacts): string | null {
  const windows = platform === 'win32'
  const roots = [env.OneDrive, env.OneDriveConsumer, env.OneDriveCommercial]
  if (windows && roots.some((root) => root && isBelow(path.toLowerCase(), root.toLowerCase(), '\\'))) return 'OneDrive'
  // macOS keeps what such programs hold here, as NAME-account
  const held = /^\/Users\/[^/]+\/Library\/CloudStorage\/([^/-]+)/.exec(path)?.[1]
  if (platform === 'darwin' && held !== undefined) return held
  const parts = path.split(windows ? /[\\/]/ : '/')
  const named = folders.find(([pattern]) => parts.some((part) => pattern.test(part)))?.[1]
  return named ?? (hasSyncthing ? 'Syncthing' : null)
}

function isBelow(path: string, folder: string, separator: string): boolean {
  const root = folder.endsWith(separator) ? folder : folder + separator
  return path === folder || path.startsWith(root)
}
