/** Says that the daemon is there: to whoever looks into its home, and in the log. */
import { CONTRACT_VERSION } from '../shared/contract/feed.ts'
import type { Log } from '../shared/contract/log.ts'
import type { ConfigInUse } from './config-in-use.ts'
import { writeDiscovery } from './discovery.ts'

/** Answers the address that it is told by. */
export async function tellReady(of: {
  home: string
  port: number
  token: string
  instanceId: string
  version: string
  inUse: ConfigInUse
  log: Log
  now(): number
}): Promise<string> {
  const { home, port, token, instanceId, version } = of
  await writeDiscovery(home, {
    pid: process.pid,
    port,
    token,
    instanceId,
    version,
    contract: { min: CONTRACT_VERSION, max: CONTRACT_VERSION },
    startedAt: new Date(of.now()).toISOString(),
  })
  const url = `http://127.0.0.1:${port}`
  const { providers, routing } = of.inUse.now()
  of.log.info('Ready', {
    providers: [...providers.keys()],
    chains: [...routing.chains.keys()],
    defaultChain: routing.defaultChain?.name ?? null,
    dbPath: home,
    url,
  })
  return url
}
