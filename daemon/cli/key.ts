/** `tollkeeper key`: our own keys. A key is shown once, when it is made. */
import type { Scope } from '../../shared/contract/endpoint.ts'
import type { KeyRow } from '../../shared/contract/endpoints/core.ts'
import { askDaemon } from './attach.ts'
import type { ExitCode, Io } from './io.ts'
import { answer, handOver, note } from './say.ts'
import { tableOf } from './table.ts'

export type KeyWanted = {
  home: string
  name: string
  scope: Scope
  providers?: string[]
  chains?: string[]
  expires?: string
}

/** The key alone goes to standard output, so that a script can take it from there. */
export async function createKey(
  { home, name, scope, providers, chains, expires }: KeyWanted,
  io: Io,
): Promise<ExitCode> {
  const body = {
    name,
    scope,
    ...(providers === undefined ? {} : { providers }),
    ...(chains === undefined ? {} : { chains }),
    ...(expires === undefined ? {} : { expires }),
  }
  const reply = await askDaemon(home, io, 'createKey', { body })
  if (!reply.ok) return reply.code
  note(io, `Key ${reply.value.id} ('${name}', scope ${scope}). It is shown this once; keep it now.`)
  return handOver(io, reply.value, reply.value.key)
}

export async function listKeys({ home }: { home: string }, io: Io): Promise<ExitCode> {
  const reply = await askDaemon(home, io, 'keys', {})
  if (!reply.ok) return reply.code
  return answer(io, reply.value.keys, keysText(reply.value.keys))
}

export async function revokeKey({ home, id }: { home: string; id: string }, io: Io): Promise<ExitCode> {
  const reply = await askDaemon(home, io, 'revokeKey', { params: { id } })
  if (!reply.ok) return reply.code
  return answer(io, reply.value, `Key ${reply.value.id} ('${reply.value.name}') is revoked.`)
}

export function keysText(keys: readonly KeyRow[]): string {
  if (keys.length === 0) return 'There are no keys. `tollkeeper key create --name NAME` makes one.\n'
  const columns = ['id', 'name', 'scope', 'key', 'providers', 'chains', 'created', 'expires']
  const rows = keys.map((key) => [
    key.id,
    key.name,
    key.scope,
    `${key.prefix}…`,
    key.providers === null ? 'all' : key.providers.join(','),
    key.chains === null ? 'all' : key.chains.join(','),
    key.created_at.slice(0, 10),
    key.expires_at === null ? 'never' : key.expires_at.slice(0, 10),
  ])
  const left = columns.map((title) => ({ title, align: 'left' as const }))
  return `${tableOf(left, rows).join('\n')}\n`
}
