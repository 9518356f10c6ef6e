/** Do other people use this machine, and what could they reach? */
import { readdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Provider } from '../../providers/provider.ts'
import type { Around } from './around.ts'
import { ok, type Said, warn } from './finding.ts'

/** `homes`: names of the folders beside the caller's own. `open`: providers that serve any caller on this machine. */
export type UserFacts = { homes: readonly string[]; own: string; open: readonly string[] }

export async function users({ platform, userHome, written }: Around): Promise<Said[]> {
  // root's home stands elsewhere
  const folder = { linux: '/home', darwin: '/Users' }[platform as string] ?? dirname(userHome)
  // a machine may have none, or show it to nobody: then there is nobody to be seen
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const homes = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  return [saidOfUsers({ homes, own: userHome, open: openProviders([...written.providers.values()]) })]
}

/** No credential of the caller's is asked for, and none of our keys either. */
export function openProviders(providers: readonly Provider[]): string[] {
  return providers.filter((one) => one.keyHeader === 'none' && one.passthrough).map(({ id }) => id)
}

const nobody =
  /^(Public|Default|Default User|All Users|Shared|Guest|lost\+found|defaultuser\d*|linuxbrew|WDAGUtilityAccount|\..*)$/i

export function saidOfUsers({ homes, own, open }: UserFacts): Said {
  const others = homes.filter((name) => !nobody.test(name) && name !== own.split(/[\\/]/).at(-1)).length
  if (others === 0) return ok('Nobody else has a home on this machine.')
  const people = others === 1 ? 'One other user has a home' : `${others} other users have a home`
  const port = 'They reach its port as you do'
  if (open.length === 0)
    return ok(`${people} on this machine. ${port}; without a key of yours they spend nothing of yours.`)
  const detail = `${people} on this machine. ${port}, and with it ${open.join(', ')}, for which no key is asked.`
  return warn(detail, 'Take "passthrough" off these providers, and give programs a key: tollkeeper key create')
}
