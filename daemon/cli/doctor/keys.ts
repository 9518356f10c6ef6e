/** Are the keys there that calls need: ours, and those to lend? */
import type { ProviderRow } from '../../../shared/contract/endpoints/config.ts'
import { originOf } from '../../providers/base-url.ts'
import type { Provider } from '../../providers/provider.ts'
import type { Chain } from '../../routing/table.ts'
import type { ReadSecrets } from '../../store/secrets-file.ts'
import type { Around } from './around.ts'
import { fail, ok, type Said, warn } from './finding.ts'

export type KeyFacts = {
  secrets: ReadSecrets
  /** Epoch ms. */
  now: number
  providers: ReadonlyMap<string, Provider>
  chains: readonly Chain[]
  /** The running daemon's word; it may know variables that this shell does not. */
  rows: readonly Pick<ProviderRow, 'id' | 'key'>[] | null
}

export function keys({ written, now, told }: Around): Promise<Said[]> {
  const { secrets, providers, chains } = written
  const rows = told.kind === 'told' ? told.providers : null
  return Promise.resolve(saidOfKeys({ secrets, now, providers, chains, rows }))
}

export function saidOfKeys(facts: KeyFacts): Said[] {
  const { secrets, chains } = facts
  if (secrets.kind === 'unreadable') {
    return [fail(`The keys of this home cannot be read (${secrets.why}); no daemon starts so.`, secrets.fix)]
  }
  const lending = lendingOf(facts)
  const missing = chains.flatMap(({ name, targets }) => {
    const without = [...new Set(targets.map(({ provider }) => provider))].filter((id) => lending.get(id) === 'none')
    return without.length === 0
      ? []
      : [
          saidOfChain(
            name,
            without,
            targets.every(({ provider }) => without.includes(provider)),
          ),
        ]
  })
  return [saidOfOwn(facts), saidOfLent(lending), ...missing, ...strays(facts)]
}

function saidOfOwn({ secrets, now }: KeyFacts): Said {
  const all = secrets.kind === 'read' ? secrets.data.keys : []
  const past = all.filter(({ expires_at }) => expires_at !== null && Date.parse(expires_at) <= now).length
  if (all.length === 0) return ok('No key of ours is made: callers bring credentials of their own.')
  const expired = past === 0 ? '' : `, ${past} of them expired`
  return ok(`${all.length === 1 ? 'One key' : `${all.length} keys`} of ours${expired}.`)
}

type Lending = ReadonlyMap<string, ProviderRow['key']>

function lendingOf({ rows, providers }: KeyFacts): Lending {
  if (rows) return new Map(rows.map(({ id, key }) => [id, key]))
  const keyOf = ({ apiKey, keyHeader }: Provider) =>
    keyHeader === 'none' ? 'unneeded' : apiKey === undefined ? 'none' : 'config'
  return new Map([...providers.values()].map((one) => [one.id, keyOf(one)]))
}

function saidOfLent(lending: Lending): Said {
  const ids = [...lending].flatMap(([id, key]) => (key === 'config' || key === 'stored' ? [id] : []))
  return ok(ids.length === 0 ? 'No provider key is lent.' : `Keys to lend: ${ids.join(', ')}.`)
}

function saidOfChain(name: string, without: readonly string[], all: boolean): Said {
  const what = `Chain "${name}" asks ${without.join(', ')}, for which there is no key to lend`
  const fix = `tollkeeper provider set-key ${without[0] ?? ''}`
  return all ? fail(`${what}: it leads nowhere.`, fix) : warn(`${what}: those are passed over.`, fix)
}

/** A running daemon has dropped them already, and warns of it. */
function strays({ secrets, providers, rows }: KeyFacts): Said[] {
  if (secrets.kind !== 'read' || rows) return []
  return Object.entries(secrets.data.provider_keys ?? {}).flatMap(([id, { origin }]) => {
    const now = providers.get(id)?.baseUrl
    if (now === undefined || originOf(now) === origin) return []
    const detail = `The key of "${id}" was set for ${origin}, and its calls now go to ${originOf(now)}: the next start drops it.`
    return [warn(detail, `Correct its baseUrl, or set a key for there: tollkeeper provider set-key ${id}`)]
  })
}
