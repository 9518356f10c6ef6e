/** `tollkeeper chain`: the chains of the config and the routes that lead to them, all through the API. */
import type { ChainBody, ChainRow } from '../../shared/contract/endpoints/chains.ts'
import { askDaemon } from './attach.ts'
import { type ExitCode, exit, type Io } from './io.ts'
import { printable, tableOf } from './table.ts'

type One = { home: string; name: string; json: boolean }

export async function listChains({ home, json }: { home: string; json: boolean }, io: Io): Promise<ExitCode> {
  const answer = await askDaemon(home, io, 'configuredChains', {})
  if (!answer.ok) return answer.code
  const { chains } = answer.value
  io.out(json ? jsonOf(chains) : chainsText(chains))
  return exit.fine
}

export async function setChain({ home, name, json, body }: One & { body: ChainBody }, io: Io): Promise<ExitCode> {
  const answer = await askDaemon(home, io, 'putChain', { params: { name }, body })
  if (!answer.ok) return answer.code
  io.out(json ? jsonOf(answer.value) : `${printable(setText(answer.value))}\n`)
  return exit.fine
}

export async function removeChain({ home, name, json }: One, io: Io): Promise<ExitCode> {
  const answer = await askDaemon(home, io, 'removeChain', { params: { name } })
  if (!answer.ok) return answer.code
  io.out(json ? jsonOf(answer.value) : `Chain ${name} is taken out.\n`)
  return exit.fine
}

function jsonOf(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
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
