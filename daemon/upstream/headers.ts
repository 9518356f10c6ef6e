/** Which headers pass, both ways: everything but what belongs to one hop, to a browser, or to us. */
import { ownHeaderPrefix } from '../../shared/contract/error.ts'
import { isReadable } from './codings.ts'

/** RFC 9110 section 7.6.1, and the framing headers that each hop writes itself. */
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
]

/** What a browser or a proxy in between says of itself, and nothing a provider should learn. */
const neverUp = new Set([...hopByHop, 'host', 'expect', 'origin', 'referer', 'cookie', 'forwarded', 'accept-encoding'])
const neverUpPrefixes = ['sec-fetch-', 'proxy-', 'x-forwarded-', ownHeaderPrefix]

/**
 * Whose credential and whose account it is: none of it goes along with a key of ours. What Codex says of itself names its session
 * and its plan.
 */
const ofCaller = new Set([
  'authorization',
  'x-api-key',
  'x-goog-api-key',
  'api-key',
  'chatgpt-account-id',
  'openai-organization',
  'openai-project',
  'x-goog-user-project',
])
const ofCallerPrefixes = ['x-codex-']

/** What would let a provider's page act in a browser, or pass for ours. The last two are replaced by our own. */
const neverDown = new Set([
  ...hopByHop,
  'set-cookie',
  'clear-site-data',
  'alt-svc',
  'x-content-type-options',
  'content-security-policy',
])
const neverDownPrefixes = ['access-control-', 'proxy-', ownHeaderPrefix]

/** Raw headers as undici hands them out, as strings. Latin-1 keeps every byte (RFC 9110 section 5.5). */
export function rawPairs(raw: readonly (Buffer | string)[] | null): string[] {
  return (raw ?? []).map((part) => (typeof part === 'string' ? part : part.toString('latin1')))
}

/**
 * The request's headers that go upstream, in their order and case, without those named in `taken` (lower case). `lent`: a key of
 * ours goes with them, and so nothing that says who the caller is to a provider.
 */
export function headersUp(rawHeaders: readonly string[], taken: ReadonlySet<string>, lent: boolean): string[] {
  const listed = connectionTokens(rawHeaders)
  return kept(
    rawHeaders,
    knownUp,
    ({ name, passes, isCaller }) => passes && !(lent && isCaller) && !taken.has(name) && !listed.has(name),
  )
}

/** The reply's headers that go to the client. `length`: its Content-Length still holds. */
export function headersDown(rawHeaders: readonly string[], length: boolean): string[] {
  const listed = connectionTokens(rawHeaders)
  const passed = kept(rawHeaders, knownDown, ({ name, passes }) =>
    name === 'content-length' ? length : passes && !listed.has(name),
  )
  passed.push('x-content-type-options', 'nosniff', 'content-security-policy', 'sandbox')
  return passed
}

/**
 * The client's `Accept-Encoding` cut to what can be read here; a weight stays with its coding. `identity` where nothing is left or
 * nothing was asked for, so that no provider compresses towards a client that cannot read it.
 */
export function acceptEncodingUp(given: string | undefined): string {
  if (given === undefined) return 'identity'
  const left = given
    .split(',')
    .map((part) => part.trim())
    .filter((part) => isReadable((part.split(';')[0] ?? '').trim().toLowerCase()))
  return left.length > 0 ? left.join(', ') : 'identity'
}

/** A header's name in small letters, whether it passes where nothing else is said of it, and whether it says who the caller is. */
type Known = { name: string; passes: boolean; isCaller: boolean }

/** The same few names come with every call: what is known of each is looked up as it was written. */
function openKnown(never: ReadonlySet<string>, prefixes: readonly string[]): (written: string) => Known {
  const known = new Map<string, Known>()
  return (written) => {
    const found = known.get(written)
    if (found) return found
    const name = written.toLowerCase()
    const passes = !never.has(name) && !prefixes.some((prefix) => name.startsWith(prefix))
    const isCaller = ofCaller.has(name) || ofCallerPrefixes.some((prefix) => name.startsWith(prefix))
    const made = { name, passes, isCaller }
    if (known.size >= mostKnown) known.clear()
    // names come from outside: a flood of long ones must not stay in memory
    if (written.length <= longestKnown) known.set(written, made)
    return made
  }
}

const mostKnown = 500
const longestKnown = 100
const knownUp = openKnown(neverUp, neverUpPrefixes)
const knownDown = openKnown(neverDown, neverDownPrefixes)

function kept(
  rawHeaders: readonly string[],
  knownOf: (written: string) => Known,
  passes: (known: Known) => boolean,
): string[] {
  const out: string[] = []
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const written = rawHeaders[i] as string
    if (passes(knownOf(written))) out.push(written, rawHeaders[i + 1] as string)
  }
  return out
}

const noTokens: ReadonlySet<string> = new Set()

/** Headers that `Connection` names belong to this hop too. */
function connectionTokens(rawHeaders: readonly string[]): ReadonlySet<string> {
  let tokens: Set<string> | undefined
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const written = rawHeaders[i] as string
    if (written.length !== 'connection'.length || written.toLowerCase() !== 'connection') continue
    const value = rawHeaders[i + 1] as string
    // what nearly all send
    if (value === 'keep-alive' || value === 'close') continue
    for (const token of value.split(',')) {
      const name = token.trim().toLowerCase()
      if (name !== '' && name !== 'keep-alive' && name !== 'close') (tokens ??= new Set()).add(name)
    }
  }
  return tokens ?? noTokens
}
