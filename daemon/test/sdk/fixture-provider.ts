/** A provider on loopback that answers in every dialect with the recorded reply that the model's name asks for. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { dialects } from '../../dialects/index.ts'
import { type CallRoute, routesOf } from '../../proxy/routes.ts'
import { type Play, type ReceivedRequest, startUpstream, type Upstream } from '../upstream.ts'

const routeOf = routesOf(dialects)

/** What a reply tells besides, read from the file beside it. */
export type Told = { dropped?: string; reading: { usage: Record<string, number> | null } }

/** `plain`, `tools` … : the fixture of that name. `slow-…`: piece by piece. `gzip-…`: compressed where the client takes it. */
export async function startFixtureProvider(): Promise<Upstream> {
  const upstream = await startUpstream()
  upstream.script(playFor)
  return upstream
}

function playFor(request: ReceivedRequest): Play {
  const preferred = request.headers['anthropic-version'] ? 'anthropic' : undefined
  const route = routeOf(request.method, request.path, preferred)
  if (route.kind !== 'call') return said(404, '{"error":{"message":"no such path"}}')
  const body = bodyOf(request)
  if (route.endpoint.counts === 'nothing') return said(200, aside(route))
  const asked = (typeof body.model === 'string' ? body.model : (route.named ?? '')).replace(/^models\//, '')
  const [, manner, name = ''] = /^(slow-|gzip-)?(.*)$/.exec(asked) ?? []
  const kind = kindOf(route, body)
  const file = join('daemon', 'dialects', route.dialect.name, 'fixtures', `${name}.${kind}`)
  if (!existsSync(file)) return said(404, `{"error":{"message":"the model ${name} does not exist"}}`)
  return {
    ...said(name.startsWith('refused') ? 429 : 200, replyIn(file, route, body), kind === 'sse'),
    ...(manner === 'slow-' && { pieces: 40, between: 20 }),
    ...(manner === 'gzip-' && /gzip/.test(String(request.headers['accept-encoding'])) && { encoding: 'gzip' as const }),
  }
}

function said(status: number, body: string | Buffer, streams = false): Play {
  const type = streams ? 'text/event-stream' : 'application/json'
  const id: [string, string] = ['x-request-id', 'req-of-the-provider']
  return { status, body, headers: [['content-type', type], id, ['retry-after-ms', '1']] }
}

function kindOf(route: CallRoute, body: Record<string, unknown>): string {
  if (route.endpoint.streams) return route.query.includes('alt=sse') ? 'sse' : 'stream.json'
  return body.stream === true ? 'sse' : 'json'
}

/** A Chat Completions stream tells usage only when asked. */
function replyIn(file: string, route: CallRoute, body: Record<string, unknown>): Buffer {
  const bytes = readFileSync(file)
  const options = body.stream_options as { include_usage?: boolean } | undefined
  if (route.dialect.name !== 'openai-chat' || body.stream !== true || options?.include_usage === true) return bytes
  const { dropped = '' } = toldIn(file)
  return Buffer.from(bytes.toString('utf8').replace(dropped, ''))
}

export function toldIn(file: string): Told {
  return JSON.parse(readFileSync(`${file}.expected.json`, 'utf8')) as Told
}

function aside({ dialect, endpoint }: CallRoute): string {
  if (endpoint.models === 'list') return dialect.listModels([{ name: 'a-model', provider: 'Someone' }], 0)
  if (endpoint.models === 'one') return dialect.showModel({ name: 'a-model', provider: 'Someone' }, 0)
  return JSON.stringify({ input_tokens: 12, totalTokens: 12, object: 'response.input_tokens' })
}

function bodyOf({ body }: ReceivedRequest): Record<string, unknown> {
  return body.length === 0 ? {} : (JSON.parse(body.toString('utf8')) as Record<string, unknown>)
}
