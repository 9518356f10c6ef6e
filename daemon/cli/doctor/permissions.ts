/** May others look into the home, and is it the caller's own? */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isMissing } from '../../store/disk.ts'
import type { Around } from './around.ts'
import { fail, ok, type Said, warn } from './finding.ts'
import { runQuick } from './run-quick.ts'

/** `file` null: the folder itself. */
type Seen = { file: string | null; mode: number; uid: number }
export type RightsFacts =
  | { kind: 'missing' }
  | { kind: 'posix'; seen: Seen[]; uid: number }
  /** In Microsoft's notation of access lists (SDDL); null: it could not be read. */
  | { kind: 'windows'; sddl: string | null }

/** What stands in them would let others call on the user's money. */
const secret = ['secrets.json', 'secrets.json.prev', 'daemon.json']

export async function permissions({ home, platform, env, written }: Around): Promise<Said[]> {
  const folder = await seen(home, null)
  if (!folder) return saidOfRights(home, { kind: 'missing' })
  if (platform === 'win32') return saidOfRights(home, { kind: 'windows', sddl: await sddlOf(home, env) })
  const names = holdsSecrets(written) ? [...secret, 'config.jsonc'] : secret
  const files = await Promise.all(names.map((file) => seen(join(home, file), file)))
  const uid = process.getuid?.() ?? 0
  return saidOfRights(home, { kind: 'posix', seen: [folder, ...files.flatMap((one) => one ?? [])], uid })
}

/** A config with variables alone is nobody's loss; a key may stand in it, or the address of a webhook. */
function holdsSecrets({ problems, settings }: Around['written']): boolean {
  return problems.some(({ code }) => code === 'literal-key') || settings.webhooks.length > 0
}

async function seen(path: string, file: string | null): Promise<Seen | undefined> {
  try {
    const { mode, uid } = await stat(path)
    return { file, mode, uid }
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** icacls names groups in the user's language; this tells them by their numbers. The path goes by a variable, so that none of it is code. */
async function sddlOf(home: string, env: Around['env']): Promise<string | null> {
  const script = '(Get-Acl -LiteralPath $env:TOLLKEEPER_LOOK_AT).Sddl'
  const options = { env, more: { TOLLKEEPER_LOOK_AT: home } }
  const text = await runQuick('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', script], options)
  return text?.includes('D:') ? text.trim() : null
}

export function saidOfRights(home: string, facts: RightsFacts): Said[] {
  switch (facts.kind) {
    case 'missing':
      return [ok('The home is not there yet; it will be readable by you alone.')]
    case 'windows':
      return [saidOfSddl(home, facts.sddl)]
    case 'posix':
      return [saidOfModes(home, facts.seen), ...saidOfOwner(home, facts)]
  }
}

/** Files are out of reach as long as their folder is closed, whatever they say themselves. */
function saidOfModes(home: string, seen: readonly Seen[]): Said {
  const isOpen = ({ mode }: Seen) => (mode & 0o077) !== 0
  if (!seen.some((one) => one.file === null && isOpen(one))) return ok('Nobody but its owner can look into the home.')
  const fix = `chmod 700 ${quoted(home)}`
  const open = seen.flatMap((one) => (one.file !== null && (one.mode & 0o044) !== 0 ? [one.file] : []))
  if (open.length === 0) return warn('Other users of this machine can look into the home.', fix)
  const files = `${open.map(quoted).join(' ')}`
  const detail = `Other users of this machine can read ${open.join(', ')}: keys or the daemon's token may stand there.`
  return fail(detail, `${fix} && cd ${quoted(home)} && chmod 600 ${files}; then make keys that stood there anew`)
}

function saidOfOwner(home: string, { seen, uid }: { seen: readonly Seen[]; uid: number }): Said[] {
  const foreign = seen.filter((one) => one.uid !== uid)
  if (foreign.length === 0) return []
  const names = foreign.map(({ file }) => file ?? home).join(', ')
  if (uid === 0) {
    return [
      warn(
        `${names} belongs to another user than root.`,
        'Run Tollkeeper as that user, without sudo: what root writes there is out of their reach.',
      ),
    ]
  }
  return [
    fail(
      `${names} belongs to another user: a daemon may have run with sudo.`,
      `sudo chown -R "$(id -un)" ${quoted(home)}`,
    ),
  ]
}

/**
 * Everyone, users, signed-in, interactive and network users, guests, domain users:
 * https://learn.microsoft.com/windows/win32/secauthz/sid-strings
 */
const many = new Set(['WD', 'BU', 'AU', 'IU', 'NU', 'AN', 'BG', 'DU', 'S-1-1-0', 'S-1-5-11', 'S-1-5-32-545'])

function saidOfSddl(home: string, sddl: string | null): Said {
  const look = `icacls "${home}"`
  if (sddl === null) return warn('It could not be read who may look into the home.', `Look yourself: ${look}`)
  const allowed = [...sddl.matchAll(/\(A;[^;)]*;[^;)]*;[^;)]*;[^;)]*;([^;)]+)/g)].map(([, who = '']) => who)
  if (!allowed.some((who) => many.has(who))) return ok('Nobody but you and administrators can look into the home.')
  const fix = `${look} /inheritance:r /grant:r "%USERNAME%:(OI)(CI)F"`
  return fail('Other users of this machine can look into the home, where keys stand.', fix)
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replace(/'/g, `'\\''`)}'`
}
