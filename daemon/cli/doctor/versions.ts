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
  /** Versions of our extension, a list an editor that has any: an older one stays there for a while. */
  editors: readonly (readonly string[])[]
}

export async function versions({ daemon, userHome }: Around): Promise<Said[]> {
  const found = await Promise.all(editorFolders.map((folder) => extensionsIn(join(userHome, folder, 'extensions'))))
  return saidOfVersions({
    own: version,
    node: process.versions.node,
    daemon: 'absent' in daemon ? null : daemon.discovery,
    editors: found.filter((versions) => versions.length > 0),
  })
}

const editorFolders = [
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
  const { own, daemon, editors } = facts
  return [
    saidOfProgram(facts),
    ...(daemon ? [saidOfDaemon(own, daemon)] : []),
    ...editors.map((one) => saidOfEditor(own, one)),
  ]
}

/** As `engines` in package.json says. */
const nodeAtLeast = [20, 19] as const

function saidOfProgram({ own, node }: VersionFacts): Said {
  const [major = 0, minor = 0] = node.split('.').map(Number)
  const isOld = major < nodeAtLeast[0] || (major === nodeAtLeast[0] && minor < nodeAtLeast[1])
  if (!isOld) return ok(`This program is ${own}, on Node.js ${node}.`)
  return fail(
    `This program is ${own}, and Node.js ${node} is too old for it.`,
    `Install Node.js ${nodeAtLeast.join('.')} or newer`,
  )
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

function saidOfEditor(own: string, versions: readonly string[]): Said {
  if (versions.includes(own)) return ok(`The extension in the editor is ${own} too.`)
  const detail = `The extension in the editor is ${versions.join(', ')}, and this program ${own}.`
  return warn(detail, 'Update the one that is older, and reload the editor')
}
