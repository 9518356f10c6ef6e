/** The list of checks, in the order in which they are told; one that cannot look says so, and the others go on. */
import type { Around } from './around.ts'
import { clock } from './clock.ts'
import { config } from './config.ts'
import { daemon } from './daemon.ts'
import { disk } from './disk.ts'
import { type Finding, type Said, warn } from './finding.ts'
import { home } from './home.ts'
import { keys } from './keys.ts'
import { permissions } from './permissions.ts'
import { place } from './place.ts'
import { port } from './port.ts'
import { providers } from './providers.ts'
import { users } from './users.ts'
import { versions } from './versions.ts'
import { wsl } from './wsl.ts'

type Check = (around: Around) => Promise<Said[]>

const checks: Record<string, Check> = {
  daemon,
  versions,
  port,
  home,
  permissions,
  place,
  disk,
  config,
  keys,
  providers,
  users,
  wsl,
  clock,
}

export async function examine(around: Around): Promise<Finding[]> {
  const found = Object.entries(checks).map(async ([check, look]) => {
    const said = await look(around).catch((error: unknown) => [unseen(error)])
    return said.map((one): Finding => ({ check, ...one }))
  })
  return (await Promise.all(found)).flat()
}

function unseen(error: unknown): Said {
  const why = error instanceof Error ? error.message : String(error)
  return warn(`This could not be looked at: ${why}`, 'Put right what the other checks name, and ask again')
}
