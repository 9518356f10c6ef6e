/** Can the providers be reached from here? By a connection alone, never by a call. */
import { originOf, splitBaseUrl } from '../../providers/base-url.ts'
import { proxyFault } from '../../upstream/tunnel.ts'
import type { Around } from './around.ts'
import { fail, ok, type Said, warn } from './finding.ts'
import { type Reached, reach, silent } from './reach.ts'

type Asked = { ids: readonly string[]; origin: string; configured: boolean; local: boolean }
export type ProviderFacts = Asked & { reached: Reached }

const timeoutMs = 4000
/** Where own credentials go: asked where the user names no provider. */
const usual: readonly string[] = ['openai', 'anthropic', 'gemini']

export async function providers({ written, told, offline }: Around): Promise<Said[]> {
  const all = told.kind === 'told' ? told.providers.map(asRow) : [...written.providers.values()]
  const asked = askedOf(all)
  const now = asked.filter(({ origin }) => !offline || isHere(origin))
  const left = asked.filter((one) => !now.includes(one)).flatMap(({ ids }) => ids)
  const said = now.map(async (one) =>
    saidOfProvider({ ...one, reached: await reach(one.origin, written.network, timeoutMs) }),
  )
  const notAsked = left.length === 0 ? [] : [ok(`Not asked, as --offline says: ${left.join(', ')}.`)]
  return [...(await Promise.all(said)), ...notAsked]
}

function isHere(origin: string): boolean {
  const split = splitBaseUrl(origin)
  return 'loopback' in split && split.loopback
}

type Row = { id: string; baseUrl: string; configured: boolean; local: boolean; simulated: boolean }
const asRow = ({ base_url, ...row }: Omit<Row, 'baseUrl'> & { base_url: string }): Row => ({
  ...row,
  baseUrl: base_url,
})

/** Several at one place are one question. */
export function askedOf(rows: readonly Row[]): Asked[] {
  const configured = rows.filter((row) => row.configured && !row.simulated)
  const wanted = configured.length > 0 ? configured : rows.filter(({ id }) => usual.includes(id))
  const byOrigin = new Map<string, Asked>()
  for (const { id, baseUrl, configured, local } of wanted) {
    const origin = originOf(baseUrl)
    const same = byOrigin.get(origin)
    byOrigin.set(origin, { origin, configured, local, ids: [...(same?.ids ?? []), id] })
  }
  return [...byOrigin.values()].filter(({ origin }) => origin !== '')
}

export function saidOfProvider({ ids, origin, configured, local, reached }: ProviderFacts): Said {
  const who = ids.join(', ')
  const way = reached.proxy === null ? '' : ` through the proxy ${reached.proxy}`
  if (reached.kind === 'reached') return ok(`${who}: ${origin} is reached${way}.`)
  const detail = `${who}: ${origin} is not reached${way} (${reached.code}).`
  const fix = fixOf(reached, local)
  return configured ? fail(detail, fix) : warn(detail, fix)
}

const untrusted = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

function fixOf({ code, proxy }: Extract<Reached, { kind: 'failed' }>, local: boolean): string {
  if (code === proxyFault)
    return `Look at the proxy ${proxy ?? ''}: "network.proxy" in config.jsonc, else HTTPS_PROXY and NO_PROXY, say which one`
  if (untrusted.has(code))
    return 'If your network looks into TLS, name its certificate: "network.caFile" in config.jsonc'
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return 'Is the clock of this machine right? Else the far side has to renew its certificate'
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'Its certificate is for another name: correct its baseUrl'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'Is this machine online, and the name in its baseUrl right?'
  if (local) return 'Start that server, or correct its baseUrl in config.jsonc'
  if (code === 'ECONNREFUSED') return 'Nothing listens there: correct its baseUrl, or ask who runs it'
  if (code === silent) return 'Is this machine online? A firewall may want a proxy: "network.proxy" in config.jsonc'
  return 'Is this machine online, and its baseUrl in config.jsonc right?'
}
