/** `tollkeeper provider`: the providers of the config, and the keys to lend for them, all through the API. */
import type { ProviderBody, ProviderRow } from '../../shared/contract/endpoints/config.ts'
import { scrub } from '../../shared/scrub.ts'
import { askDaemon } from './attach.ts'
import { type ExitCode, exit, type Io } from './io.ts'
import { answer, note, refuse } from './say.ts'
import { readSecret } from './secret-input.ts'
import { tableOf } from './table.ts'

type One = { home: string; id: string }

export async function listProviders({ home }: { home: string }, io: Io): Promise<ExitCode> {
  const reply = await askDaemon(home, io, 'configuredProviders', {})
  if (!reply.ok) return reply.code
  const { providers } = reply.value
  return answer(io, providers, providersText(providers))
}

export async function addProvider({ home, id, body }: One & { body: ProviderBody }, io: Io): Promise<ExitCode> {
  const before = await askDaemon(home, io, 'configuredProviders', {})
  if (!before.ok) return before.code
  if (before.value.providers.some((one) => one.id === id && one.configured)) {
    const why = `config.jsonc has an entry for '${id}' already. Change it there, or remove it first.`
    return refuse(io, exit.fault, why, 'Conflict')
  }
  const reply = await askDaemon(home, io, 'putProvider', { params: { id }, body })
  if (!reply.ok) return reply.code
  const { base_url, key } = reply.value
  if (key === 'none') note(io, `It lends no key yet: tollkeeper provider set-key ${id}`)
  return answer(io, reply.value, `Provider ${id} is at ${base_url}.`)
}

export async function removeProvider({ home, id }: One, io: Io): Promise<ExitCode> {
  const reply = await askDaemon(home, io, 'removeProvider', { params: { id } })
  if (!reply.ok) return reply.code
  return answer(io, reply.value, `The entry of provider ${id} is taken out.`)
}

/** Never from the arguments: those stand in the shell's history, and every user of the machine sees them while it runs. */
export async function setProviderKey({ home, id }: One, io: Io, read = readSecret): Promise<ExitCode> {
  // whoever gave the key in place of the name must not see it here either
  const key = await read(`Key of provider ${scrub(id)} (it is not shown): `)
  if (key === undefined || key === '') {
    return refuse(io, exit.badUsage, 'No key was given. Type it in, or send it to standard input.')
  }
  const reply = await askDaemon(home, io, 'setProviderKey', { params: { id }, body: { key } })
  if (!reply.ok) return reply.code
  return answer(io, reply.value, `The key of provider ${id} is stored, for ${reply.value.base_url} alone.`)
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
