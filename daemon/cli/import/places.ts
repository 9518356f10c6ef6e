/** Where calls may be read from: the folders in which assistants keep their logs, or what the user names. */
import { open, readdir, realpath, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { isHeader } from './export.ts'

export type Kind = 'claude-code' | 'codex' | 'usage-jsonl' | 'export-csv' | 'export-json'

type LogFile = { path: string; bytes: number; kind: Kind }
/** Files of one folder, or one file. */
export type Place = { kind: Kind; at: string; files: LogFile[] }

export type Around = { env: Record<string, string | undefined>; userHome: string; cwd: string }

/** Names by which users may ask for one assistant's places. */
export const assistants: Record<string, Kind> = { 'claude-code': 'claude-code', claude: 'claude-code', codex: 'codex' }

/** Everything that stands in the known places, or in those of one assistant. */
export async function knownPlaces(around: Around, only?: Kind): Promise<Place[]> {
  const wanted = (kind: Kind) => only === undefined || only === kind
  const places: Place[] = []
  const seen = new Set<string>()
  const add = async (kind: Kind, at: string, isOne: (name: string) => boolean) => {
    const real = await realpath(at).catch(() => null)
    // several settings may name the same folder
    if (real === null || seen.has(real)) return
    seen.add(real)
    const files = (await filesBelow(at, isOne)).map((file) => ({ ...file, kind }))
    if (files.length > 0) places.push({ kind, at, files })
  }
  if (wanted('claude-code')) {
    for (const folder of claudeFolders(around)) await add('claude-code', join(folder, 'projects'), isJsonLines)
  }
  if (wanted('codex')) {
    for (const home of codexHomes(around)) {
      for (const name of ['sessions', 'archived_sessions']) await add('codex', join(home, name), isRollout)
    }
  }
  return places
}

/** What the user names: a file, or a folder with logs of any kind that is known. A text: why nothing can be read there. */
export async function placesAt(path: string, around: Around): Promise<Place[] | string> {
  const at = resolve(around.cwd, path)
  const found = await stat(at).catch(() => null)
  if (found === null) return `There is no file or folder ${at}.`
  const files = found.isDirectory() ? await filesBelow(at, isAnyLog) : [{ path: at, bytes: found.size }]
  const places = new Map<Kind, Place>()
  for (const file of files) {
    const kind = await kindOf(file.path)
    if (kind === undefined) continue
    const place = places.get(kind) ?? { kind, at, files: [] }
    places.set(kind, place)
    place.files.push({ ...file, kind })
  }
  if (places.size > 0) return [...places.values()]
  return `${at} holds nothing that can be imported: logs of Claude Code or Codex, usage as JSON Lines, or an export of ours.`
}

/** `CLAUDE_CONFIG_DIR` may name several; older logs stay where they were. */
function claudeFolders({ env, userHome, cwd }: Around): string[] {
  const named = (env.CLAUDE_CONFIG_DIR ?? '').split(',').flatMap((text) => text.trim() || [])
  const config = env.XDG_CONFIG_HOME || join(userHome, '.config')
  return [...named.map((folder) => resolve(cwd, folder)), join(userHome, '.claude'), join(config, 'claude')]
}

function codexHomes({ env, userHome, cwd }: Around): string[] {
  return [...(env.CODEX_HOME ? [resolve(cwd, env.CODEX_HOME)] : []), join(userHome, '.codex')]
}

const isJsonLines = (name: string) => name.endsWith('.jsonl')
const isRollout = (name: string) => /^rollout-.*\.jsonl(\.zst)?$/.test(name)
const isAnyLog = (name: string) => /\.(jsonl|json|csv)$/.test(name)

/** In the order of their paths: what a session was forked from comes first, as names begin with the time. */
async function filesBelow(
  folder: string,
  isOne: (name: string) => boolean,
): Promise<{ path: string; bytes: number }[]> {
  const found: { path: string; bytes: number }[] = []
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) found.push(...(await filesBelow(path, isOne)))
    else if (isOne(entry.name)) {
      const about = await stat(path).catch(() => null)
      if (about?.isFile()) found.push({ path, bytes: about.size })
    }
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1))
}

const headBytes = 256 * 1024

/** By what stands at its beginning; a text in a log that looks like another log has its quotes escaped. */
async function kindOf(path: string): Promise<Kind | undefined> {
  const head = await headOf(path)
  if (isHeader(head.split('\n', 1)[0] ?? '')) return 'export-csv'
  if (/^\ufeff?\s*\{\s*"export_date"\s*:/.test(head)) return 'export-json'
  if (/"type"\s*:\s*"(session_meta|turn_context|event_msg|response_item)"/.test(head)) return 'codex'
  if (/"(sessionId|parentUuid|leafUuid)"\s*:|"message"\s*:\s*\{/.test(head)) return 'claude-code'
  return /"(prompt_tokens|completion_tokens)"\s*:/.test(head) ? 'usage-jsonl' : undefined
}

async function headOf(path: string): Promise<string> {
  const file = await open(path, 'r').catch(() => null)
  if (file === null) return ''
  try {
    const head = Buffer.alloc(headBytes)
    const { bytesRead } = await file.read(head, 0, headBytes, 0)
    return head.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}
