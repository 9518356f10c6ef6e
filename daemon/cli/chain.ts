/** `tollkeeper chain`: the chains of the config and the routes that lead to them, all through the API. */
import type { ChainBody, ChainRow } from '../../shared/contract/endpoints/chains.ts'
import { askDaemon } from './attach.ts'
import type { ExitCode, Io } from './io.ts'
import { answer } from './say.ts'
import { printable, tableOf } from './table.ts'

type One = { home: string; name: string }

export async function listChains({ home }: { home: string }, io: Io): Promise<ExitCode> {
  const reply = await askDaemon(home, io, 'configuredChains', {})
  if (!reply.ok) return reply.code
  const { chains } = reply.value
  return answer(io, chains, chainsText(chains))
}

export async function setChain({ home, name, body }: One & { body: ChainBody }, io: Io): Promise<ExitCode> {
  const reply = await askDaemon(home, io, 'putChain', { params: { name }, body })
  if (!reply.ok) return reply.code
  return answer(io, reply.value, printable(setText(reply.value)))
}

export async function removeChain({ home, name }: One, io: Io): Promise<ExitCode> {
  const reply = await askDaemon(home, io, 'removeChain', { params: { name } })
  if (!reply.ok) return reply.code
  return answer(io, reply.value, `Chain ${name} is taken out.`)
}

function setText({ name, targets, routes, is_default }: ChainRow): string {
  const models = [`chain:${name}`, ...routes, ...(is_default ? ['what nothing else says a target for'] : [])]
  return `Chain ${name} asks ${targets.join(', then ')}. It serves ${models.join(', ')}.`
}

export function chainsText(chains: readonly ChainRow[]): string {
  if (chains.length === 0) {
    return 'There are no chains. `tollkeeper chain set NAME PROVIDER/MODEL PROVIDER/MODEL …` writes one.\n'
  }
  const columns = ['name', 'default', 'targets', 'routes'].map((title) => ({ title, align: 'left' as const }))
  const rows = chains.map(({ name, is_default, targets, routes }) => [
    name,
    is_default ? 'yes' : '',
    targets.join(', '),
    routes.join(', '),
  ])
  return `${tableOf(columns, rows).join('\n')}\n`
}
