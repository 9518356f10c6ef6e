/** What goes to one target: the caller's bytes with at most two splices, its headers, and one account's credential. */
import { type TargetUrl, targetUrl } from '../providers/target-url.ts'
import { acceptEncodingUp, headersUp } from '../upstream/headers.ts'
import type { Call, Target } from './call.ts'
import { credentialFor } from './credential.ts'
import type { No } from './refuse.ts'

export type Outgoing = {
  kind: 'outgoing'
  url: TargetUrl
  headers: string[]
  /** null: none, or it passes unread. */
  body: Uint8Array | null
  /** Usage was asked for on the caller's behalf: the chunk that tells it is taken out again. */
  usageAsked: boolean
}

/** Made anew from the caller's own bytes for each target. `isOurs`: whether an origin leads back to this daemon. */
export function outgoingFor(
  call: Call,
  target: Target,
  isOurs: (origin: string) => boolean,
): Outgoing | { kind: 'no'; no: No } {
  // every target speaks the call's dialect: one that does not is skipped, and here its request would be translated
  const { rest, body, usageAsked, plain } = splicedFor(call, target)
  const credential = credentialFor(call.credentials, call.request.rawHeaders, target.lent)
  const url = targetUrl(target.provider, rest, credential.query)
  if ('bad' in url) return { kind: 'no', no: { code: 'bad_path', detail: `The path ${url.bad}.` } }
  if (isOurs(url.origin)) {
    const detail = `The base URL of provider ${target.provider.id} leads back to this daemon. Correct it in config.jsonc.`
    return { kind: 'no', no: { code: 'loop', detail } }
  }
  return {
    kind: 'outgoing',
    url,
    headers: headersFor(call, target, { taken: credential.taken, usageAsked, plain }),
    body,
    usageAsked,
  }
}

type Spliced = {
  rest: string
  body: Uint8Array | null
  usageAsked: boolean
  /** The body goes unpacked, though it came compressed. */
  plain: boolean
}

/** The model of a route, and usage asked for on the caller's behalf. */
function splicedFor(call: Call, target: Target): Spliced {
  const { dialect, endpoint, facts, rest } = call
  const hasBody = endpoint.method === 'POST' && !endpoint.unread
  if (!facts || !hasBody) return { rest, body: hasBody ? call.body : null, usageAsked: false, plain: false }
  let sent = { rest, body: call.plain as Uint8Array }
  let now = facts
  if (target.model !== null) {
    sent = dialect.withModel(sent, target.model)
    now = dialect.readRequest(sent.body, call) ?? facts
  }
  const asking =
    target.provider.streamUsage === 'ask' && now.stream && !now.asksUsage && call.endpoint.counts === 'tokens'
  const withAsking = asking ? dialect.withUsageAsked(sent.body, now) : undefined
  const body = withAsking ?? sent.body
  if (body === call.plain) return { rest: sent.rest, body: call.body, usageAsked: false, plain: false }
  return { rest: sent.rest, body, usageAsked: withAsking !== undefined, plain: call.plain !== call.body }
}

function headersFor(
  call: Call,
  target: Target,
  { taken, usageAsked, plain }: { taken: ReadonlySet<string>; usageAsked: boolean; plain: boolean },
): string[] {
  const without = plain ? new Set([...taken, 'content-encoding']) : taken
  const headers = headersUp(call.request.rawHeaders, without, target.lent)
  const accepted = call.request.headers['accept-encoding']
  // a chunk can only be taken out of what is not compressed; what is not read may come as the client likes
  if (usageAsked) headers.push('accept-encoding', 'identity')
  else if (!call.endpoint.unread) headers.push('accept-encoding', acceptEncodingUp(accepted))
  else if (typeof accepted === 'string') headers.push('accept-encoding', accepted)
  const length = call.request.headers['content-length']
  if (call.endpoint.unread && length !== undefined) headers.push('content-length', length)
  const { apiKey, keyHeader } = target.provider
  if (target.lent && apiKey !== undefined && keyHeader !== 'none') {
    headers.push(keyHeader, keyHeader === 'authorization' ? `Bearer ${apiKey}` : apiKey)
  }
  return headers
}
