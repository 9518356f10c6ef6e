/** `tollkeeper provider`: the providers of the config, and the keys to lend for them, all through the API. */
import type { ProviderBody, ProviderRow } from '../../shared/contract/endpoints/config.ts'
import { askDaemon } from './attach.ts'
import { type ExitCode, exit, type Io } from './io.ts'
import { readSecret } from './secret-input.ts'
import { tableOf } from './table.ts'

type One = { home: string; id: string }

export async function listProviders({ home, json }: { home: string; json: boolean }, io: Io): Promise<ExitCode> {
  const answer = await askDaemon(home, io, 'configuredProviders', {})
  if (!answer.ok) return answer.code
  const { providers } = answer.value
  io.out(json ? `${JSON.stringify(providers, null, 2)}\n` : providersText(providers))
  return exit.fine
}

export async function addProvider({ home, id, body }: One & { body: ProviderBody }, io: Io): Promise<ExitCode> {
  const before = await askDaemon(home, io, 'configuredProviders', {})
  if (!before.ok) return before.code
  if (before.value.providers.some((one) => one.id === id && one.configured)) {
    io.err(`config.jsonc has an entry for '${id}' already. Change it there, or remove it first.\n`)
    return exit.fault
  }
  const reply = await askDaemon(home, io, 'putProvider', { params: { id }, body })
  if (!reply.ok) return reply.code
  const { base_url, key } = reply.value
  io.out(`Provider ${id} is at ${base_url}.\n`)
  if (key === 'none') io.err(`It lends no key yet: tollkeeper provider set-key ${id}\n`)
  return exit.fine
}

export async function removeProvider({ home, id }: One, io: Io): Promise<ExitCode> {
  const answer = await askDaemon(home, io, 'removeProvider', { params: { id } })
  if (!answer.ok) return answer.code
  io.out(`The entry of provider ${id} is taken out.\n`)
  return exit.fine
}

/** Never from the arguments: those stand in the shell's history, and every user of the machine sees them while it runs. */
export async function setProviderKey({ home, id }: One, io: Io, read = readSecret): Promise<ExitCode> {
  const key = await read(`Key of provider ${id} (it is not shown): `)
  if (key === undefined || key === '') {
    io.err('No key was given. Type it in, or send it to standard input.\n')
    return exit.badUsage
  }
  const answer = await askDaemon(home, io, 'setProviderKey', { params: { id }, body: { key } })
  if (!answer.ok) return answer.code
  io.out(`The key of provider ${id} is stored, for ${answer.value.base_url} alone.\n`)
  return exit.fine
}

const keyWords: Record<ProviderRow['key'], string> = {
  config: 'from config.jsonc',
  stored: 'stored',
  none: '–',
  unneeded: 'needs none',
}

export function providersText(providers: readonly ProviderRow[]): string {
  const columns = ['id', 'base url', 'dialects', 'key to lend', 'entry'].map((title) => ({
    title,
    align: 'left' as const,
  }))
  const rows = providers.map((one) => [
    one.id,
    one.base_url,
    one.dialects.join(','),
    keyWords[one.key],
    one.configured ? 'config.jsonc' : 'built in',
  ])
  return `${tableOf(columns, rows).join('\n')}\n`
}
