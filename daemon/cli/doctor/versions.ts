/** Do program, daemon and extension fit each other? */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Discovery } from '../../../shared/contract/discovery.ts'
import { CONTRACT_VERSION } from '../../../shared/contract/feed.ts'
import { version } from '../../version.ts'
import { type Around, speaksOurs } from './around.ts'
import { fail, ok, type Said, warn } from './finding.ts'

export type VersionFacts = {
  own: string
  node: string
  daemon: Pick<Discovery, 'version' | 'contract'> | null
  /** Of our extension, as editors keep them here. */
  extensions: readonly string[]
}

export async function versions({ daemon, userHome }: Around): Promise<Said[]> {
  const found = await Promise.all(editors.map((folder) => extensionsIn(join(userHome, folder, 'extensions'))))
  return saidOfVersions({
    own: version,
    node: process.versions.node,
    daemon: 'absent' in daemon ? null : daemon.discovery,
    extensions: [...new Set(found.flat())].sort(),
  })
}

const editors = [
  '.vscode',
  '.vscode-insiders',
  '.vscode-oss',
  '.vscode-server',
  '.vscode-server-insiders',
  '.cursor',
  '.windsurf',
] as const

async function extensionsIn(folder: string): Promise<string[]> {
  // an editor that is not there has none
  const names = await readdir(folder).catch(() => [])
  return names.flatMap((name) => /^tollkeeper\.tollkeeper-(\d+\.\d+\.\d+)/.exec(name)?.[1] ?? [])
}

export function saidOfVersions(facts: VersionFacts): Said[] {
  const { own, daemon, extensions } = facts
  const here = ok(`This program is ${own}, on Node.js ${facts.node}.`)
  return [here, ...(daemon ? [saidOfDaemon(own, daemon)] : []), ...extensions.map((one) => saidOfExtension(own, one))]
}

function saidOfDaemon(own: string, { version, contract }: Pick<Discovery, 'version' | 'contract'>): Said {
  if (!speaksOurs(contract)) {
    const range = contract.min === contract.max ? `${contract.max}` : `${contract.min} to ${contract.max}`
    const detail = `The daemon (${version}) speaks contract ${range}, and this program ${CONTRACT_VERSION}: they do not understand each other.`
    const isOlder = contract.max < CONTRACT_VERSION
    return fail(detail, isOlder ? 'tollkeeper restart' : 'Update this program to the version of the daemon')
  }
  if (version !== own) return warn(`The daemon is ${version}, and this program ${own}.`, 'tollkeeper restart')
  return ok(`The daemon is ${version} too; both speak contract ${CONTRACT_VERSION}.`)
}

/** Editors keep older versions for a while, so that one beside the right one says nothing. */
function saidOfExtension(own: string, extension: string): Said {
  if (extension === own) return ok(`The editor's extension is ${extension} too.`)
  return warn(
    `An editor has version ${extension} of the extension, and this program is ${own}.`,
    'Update the one that is older, and reload the editor',
  )
}
