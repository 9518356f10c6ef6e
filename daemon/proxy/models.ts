/** Tells holders of our keys which models they may ask for, in their dialect's words. */
import type { ServerResponse } from 'node:http'
import type { OfferedModel } from '../dialects/dialect.ts'
import type { Provider } from '../providers/provider.ts'
import { canLend } from '../routing/route.ts'
import { type Chain, chainPrefix } from '../routing/table.ts'
import { type KeyHolder, mayUse, mayUseChain } from './holder.ts'
import type { No } from './refuse.ts'
import type { CallRoute } from './routes.ts'
import type { Places } from './target.ts'

/** Chains and routed names stand first: people who made some want those. A route by pattern has no name to show. */
export function modelsFor(
  holder: KeyHolder,
  {
    providers,
    routing,
    modelsOf,
  }: Pick<Places, 'providers' | 'routing'> & { modelsOf(provider: Provider): readonly string[] },
): OfferedModel[] {
  const known = providers()
  const { chains, named } = routing()
  const leads = (chain: Chain) =>
    mayUseChain(holder, chain.name) &&
    chain.targets.some(({ provider: id }) => {
      const provider = known.get(id)
      return provider !== undefined && canLend(provider) && mayUse(holder, id)
    })
  const names = [...chains.values()].filter(leads).map(({ name }) => `${chainPrefix}${name}`)
  for (const [name, chain] of named) if (leads(chain)) names.push(name)
  const ours = names.map((name) => ({ name, provider: 'Tollkeeper' }))
  if (holder.chains !== null) return ours
  const sold = [...known.values()]
    .filter(({ id }) => mayUse(holder, id))
    .flatMap((provider) =>
      modelsOf(provider).map((model) => ({ name: `${provider.id}/${model}`, provider: provider.label })),
    )
  return [...ours, ...sold.filter(({ name }) => !names.includes(name))]
}

export function answerModels(
  response: ServerResponse,
  requestId: string,
  { dialect, endpoint, named }: CallRoute,
  models: readonly OfferedModel[],
  now: number,
  no: (why: No) => void,
): void {
  if (endpoint.models === 'list') return write(dialect.listModels(models, now))
  const asked = named ?? ''
  const model = models.find(({ name }) => name === asked)
  if (model) return write(dialect.showModel(model, now))
  const shown = JSON.stringify(asked.slice(0, 200))
  no({
    code: 'not_found',
    detail: `There is no model ${shown} for this key. The list of models names those there are.`,
  })

  function write(body: string): void {
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'x-tollkeeper-request-id': requestId,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    response.end(body)
  }
}
