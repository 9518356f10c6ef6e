/** The user's network settings, made ready: which proxies there are, and which certificates are trusted. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { rootCertificates } from 'node:tls'
import type { NetworkConfig } from '../shared/contract/config.ts'
import type { Network } from './upstream/agent.ts'
import { readProxies } from './upstream/proxy-choice.ts'

type Env = Readonly<Record<string, string | undefined>>
type Fault = { subject: string; text: string }

/** A setting that cannot be used is named, and the rest holds: without a proxy, or with the usual certificates alone. */
export function networkOf(config: NetworkConfig, home: string, env: Env): { network: Network; faults: Fault[] } {
  const { proxies, bad } = readProxies(config.proxy ?? 'auto', config.noProxy, env)
  const faults = bad.map(({ name, bad }) => ({
    subject: name,
    text: `The proxy in ${name} ${bad}; calls to providers go directly until it is put right, or "network.proxy" is set in config.jsonc.`,
  }))
  if (config.caFile === undefined) return { network: { proxies, ca: null }, faults }
  const path = resolve(home, config.caFile)
  const own = readCertificates(path)
  if ('why' in own) {
    const text = `The certificates of network.caFile are not trusted: ${path} ${own.why}.`
    return { network: { proxies, ca: null }, faults: [...faults, { subject: 'network.caFile', text }] }
  }
  // naming any certificates takes the place of all that Node trusts by itself
  const extra = env.NODE_EXTRA_CA_CERTS ? readCertificates(env.NODE_EXTRA_CA_CERTS) : undefined
  const more = extra && 'pem' in extra ? [extra.pem] : []
  return { network: { proxies, ca: [...rootCertificates, ...more, own.pem] }, faults }
}

function readCertificates(path: string): { pem: string } | { why: string } {
  try {
    const pem = readFileSync(path, 'utf8')
    return pem.includes('-----BEGIN CERTIFICATE-----') ? { pem } : { why: 'holds no certificate in PEM' }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    return { why: `cannot be read (${code})` }
  }
}
