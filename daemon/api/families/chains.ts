/** `/api/v1/chains`: the chains of the user's config, shown and changed with its comments left. */
import type { Config } from '../../../shared/contract/config.ts'
import { chainName } from '../../../shared/contract/config-chains.ts'
import type { ChainBody, ChainRow, chainRows } from '../../../shared/contract/endpoints/chains.ts'
import { putBack } from '../../store/config-shown.ts'
import type { EditNo } from '../../store/live-config.ts'
import type { FamilyDeps, Handlers } from '../handlers.ts'
import { type Problem, problem } from '../problem.ts'
import { bad, ifMatch, problemOf, type Value, valueIn } from './config.ts'

export function chainHandlers({ config }: Pick<FamilyDeps, 'config'>): Pick<Handlers, keyof typeof chainRows> {
  const { live } = config
  const headers = () => ({ etag: `"${live.version()}"` })
  const row = (name: string) => {
    const found = rowsOf(live.config()).find((one) => one.name === name)
    return found ? { value: found, headers: headers() } : unknown(name)
  }
  return {
    configuredChains: () => ({ value: { chains: rowsOf(live.config()) }, headers: headers() }),
    configuredChain: ({ params }) => row(params.name),
    async putChain({ params: { name }, body }, context) {
      const { providers } = config.now()
      const no = await live.edit(ifMatch(context), (written, { chains = {} }) => {
        const targets = targetsOf(body.targets, ownOf(valueIn(written.chains), name), ownOf(chains, name) ?? [])
        const stray = targets.map(({ means }) => means.split('/')[0] as string).find((id) => !providers.has(id))
        if (stray !== undefined) return bad(noProvider(stray))
        return withChain(written, name, { ...body, targets: targets.map(({ text }) => text) })
      })
      return no ? problemOf(no) : row(name)
    },
    async removeChain({ params: { name } }, context) {
      const no = await live.edit(ifMatch(context), (written) => withoutChain(written, name))
      return no ? problemOf(no) : { value: { name, removed: true } }
    },
  }
}

function rowsOf({ chains = {}, routes = {}, defaultChain }: Config): ChainRow[] {
  return Object.entries(chains).map(([name, targets]) => ({
    name,
    targets: [...targets],
    is_default: name === defaultChain,
    routes: leadingTo(routes, name),
  }))
}

function leadingTo(routes: Value, chain: string): string[] {
  return Object.keys(routes).filter((asked) => routes[asked] === chain)
}

/**
 * How the file is to write each target, and what that means. Whoever read a chain here knows the values of its variables alone:
 * what has such a value stays the variable. `texts` and `values`: the chain as it is written, and as it is in use.
 */
function targetsOf(asked: readonly string[], texts: unknown, values: readonly string[]) {
  const held: unknown[] = Array.isArray(texts) ? texts : []
  return asked.map((target) => {
    const at = held.includes(target) ? held.indexOf(target) : values.indexOf(target)
    const text = held[at]
    return typeof text === 'string' ? { text, means: values[at] ?? text } : { text: target, means: target }
  })
}

/** A chain may be asked for by any name, also one that every object has. */
function ownOf<T>(chains: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(chains, name) ? chains[name] : undefined
}

function withChain(written: Value, name: string, body: ChainBody): { value: Value } | EditNo {
  const named = chainName.safeParse(name)
  if (!named.success) return bad(`${named.error.issues[0]?.message ?? 'This is no name for a chain'}.`)
  const chains = valueIn(written.chains)
  const held = valueIn(written.routes)
  const back = putBack({ [name]: body.targets }, chains)
  if ('bad' in back) return bad(`The value at "${back.path}" ${back.bad}.`)
  const value: Value = { ...written, chains: { ...chains, ...valueIn(back.value) } }
  if (body.routes) {
    const { routes: wanted } = body
    const taken = wanted.find((asked) => Object.hasOwn(held, asked) && held[asked] !== name)
    if (taken !== undefined)
      return conflict(`Route "${taken}" leads to the chain "${String(held[taken])}": take it from there first.`)
    const kept = Object.entries(held).filter(([asked, to]) => to !== name || wanted.includes(asked))
    const added = putBack(Object.fromEntries(wanted.map((asked) => [asked, name])), held)
    if ('bad' in added) return bad(`The route "${added.path}" ${added.bad}.`)
    const routes = { ...Object.fromEntries(kept), ...valueIn(added.value) }
    if (written.routes !== undefined || wanted.length > 0) value.routes = routes
  }
  if (body.is_default === true) value.defaultChain = name
  if (body.is_default === false && written.defaultChain === name) delete value.defaultChain
  return { value }
}

function withoutChain(written: Value, name: string): { value: Value } | EditNo {
  const { [name]: chain, ...chains } = valueIn(written.chains)
  if (chain === undefined) return { code: 'not_found', detail: notThere(name) }
  const uses = leadingTo(valueIn(written.routes), name).map((asked) => `the route "${asked}"`)
  if (written.defaultChain === name) uses.push('"defaultChain"')
  if (uses.length > 0) {
    return conflict(
      `Chain "${name}" is still in use by ${uses.join(', ')}: lead them elsewhere or take them out first.`,
    )
  }
  return { value: { ...written, chains } }
}

function conflict(detail: string): EditNo {
  return { code: 'conflict', detail }
}

function noProvider(id: string): string {
  return `There is no provider "${id.slice(0, 64)}" in use; a target is written as provider/model. GET /api/v1/providers lists those that are.`
}

function notThere(name: string): string {
  return `There is no chain "${name.slice(0, 64)}"; GET /api/v1/chains lists those there are.`
}

function unknown(name: string): Problem {
  return problem('not_found', notThere(name))
}
