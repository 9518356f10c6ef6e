/** What all checks look at: the home and what stands in it, the machine, and what a running daemon tells; read once, and nothing is written. */
import { homedir, release } from 'node:os'
import { openClient } from '../../../shared/client.ts'
import type { ProviderRow } from '../../../shared/contract/endpoints/config.ts'
import { CONTRACT_VERSION } from '../../../shared/contract/feed.ts'
import type { Warning } from '../../../shared/contract/warning.ts'
import { type FoundDaemon, findDaemon } from '../../discovery.ts'
import { localFetch } from '../http.ts'
import type { Io } from '../io.ts'
import { readWritten, type Written } from './written.ts'

export type Around = {
  home: string
  env: Io['env']
  platform: NodeJS.Platform
  /** Epoch ms. */
  now: number
  userHome: string
  /** Of the system's kernel. */
  release: string
  /** Nothing beyond this machine is asked. */
  offline: boolean
  daemon: FoundDaemon
  told: Told
  written: Written
}

/** `nothing`: there is none to ask, or it does not speak our contract. */
export type Told =
  | { kind: 'told'; warnings: Warning[]; providers: ProviderRow[] }
  | { kind: 'nothing' }
  | { kind: 'refused'; why: string }

export async function lookAround({ home, offline }: { home: string; offline: boolean }, io: Io): Promise<Around> {
  const daemon = await findDaemon(home)
  return {
    home,
    env: io.env,
    platform: io.platform,
    now: io.now(),
    userHome: homedir(),
    release: release(),
    offline,
    daemon,
    told: await toldBy(daemon),
    written: await readWritten(home, io.env),
  }
}

export function speaksOurs({ min, max }: { min: number; max: number }): boolean {
  return min <= CONTRACT_VERSION && CONTRACT_VERSION <= max
}

async function toldBy(daemon: FoundDaemon): Promise<Told> {
  if ('absent' in daemon || !speaksOurs(daemon.discovery.contract)) return { kind: 'nothing' }
  const client = openClient({ url: daemon.url, token: daemon.discovery.token, fetch: localFetch })
  const warnings = await client.ask('warnings', {})
  const providers = await client.ask('configuredProviders', {})
  if (!warnings.ok) return { kind: 'refused', why: warnings.error.detail }
  if (!providers.ok) return { kind: 'refused', why: providers.error.detail }
  return { kind: 'told', warnings: warnings.value.warnings, providers: providers.value.providers }
}
