/** What the fuzzer feeds: readers of replies and requests, of limit headers and of paths; each says what must hold for any bytes. */
import assert from 'node:assert/strict'
import * as z from 'zod/mini'
import { quotaWindow } from '../../../shared/contract/quota.ts'
import type { Dialect, ReplyReading } from '../../dialects/dialect.ts'
import { dialects } from '../../dialects/index.ts'
import { splitBaseUrl } from '../../providers/base-url.ts'
import { readQuota } from '../../providers/quota-headers.ts'
import { targetUrl } from '../../providers/target-url.ts'
import { routesOf } from '../../proxy/routes.ts'
import { openTap } from '../../proxy/tap.ts'

/** Throws where something does not hold. `cut` is a number from the input's own chance, for where to cut it. */
export type Target = { name: string; takes: RegExp; run(bytes: Buffer, cut: number): void }

export const targets: readonly Target[] = [
  ...dialects.flatMap((dialect): Target[] => [
    { name: `${dialect.name} stream`, takes: /\.sse$/, run: (bytes, cut) => playReply(dialect, 'sse', bytes, cut) },
    { name: `${dialect.name} body`, takes: /\.json$/, run: (bytes, cut) => playReply(dialect, 'json', bytes, cut) },
    { name: `${dialect.name} request`, takes: /\.request$/, run: (bytes) => readAnyRequest(dialect, bytes) },
  ]),
  { name: 'limit headers', takes: /\.headers$/, run: readAnyHeaders },
  { name: 'paths', takes: /\.paths$/, run: readAnyPaths },
]

/** However it is cut: the bytes pass, and counts are counts. With the usage-only chunk taken out, nothing is added. */
function playReply(dialect: Dialect, kind: 'json' | 'sse', bytes: Buffer, cut: number): void {
  const whole = played(dialect, kind, [bytes], false)
  const at = bytes.length === 0 ? 0 : cut % bytes.length
  const inTwo = played(dialect, kind, [bytes.subarray(0, at), bytes.subarray(at)], false)
  assert.ok(whole.passed.equals(bytes), 'passes other bytes')
  assert.ok(inTwo.passed.equals(bytes), `passes other bytes, cut at ${at}`)
  assert.deepEqual(inTwo.reading, whole.reading, `reads otherwise, cut at ${at}`)
  const shortened = played(dialect, kind, [bytes.subarray(0, at), bytes.subarray(at)], true)
  assert.ok(isWithin(shortened.passed, bytes), 'adds bytes of its own')
  for (const count of Object.values(whole.reading.usage ?? {})) assert.ok(Number.isSafeInteger(count) && count >= 0)
  assert.ok(Number.isSafeInteger(whole.reading.webSearches) && whole.reading.webSearches >= 0)
}

function played(
  dialect: Dialect,
  kind: 'json' | 'sse',
  chunks: readonly Buffer[],
  dropUsageOnlyChunk: boolean,
): { passed: Buffer; reading: ReplyReading } {
  const tap = openTap(dialect.openReply(kind, { dropUsageOnlyChunk }), '')
  const passed: Uint8Array[] = []
  for (const chunk of chunks) tap.take(chunk, (bytes) => passed.push(...bytes))
  tap.end((rest) => passed.push(...rest))
  assert.ok(tap.estimateOutput() >= 0)
  return { passed: Buffer.concat(passed), reading: tap.reading() }
}

/** Whether `part` is `whole` with nothing but pieces taken out. */
function isWithin(part: Buffer, whole: Buffer): boolean {
  let at = 0
  for (const byte of part) {
    at = whole.indexOf(byte, at) + 1
    if (at === 0) return false
  }
  return true
}

/** Nothing throws; and where it is JSON all through, splices change what they are for and nothing else. */
function readAnyRequest(dialect: Dialect, bytes: Buffer): void {
  const before = parsedObject(bytes)
  for (const endpoint of dialect.endpoints) {
    const facts = dialect.readRequest(bytes, { endpoint, named: 'a-model' })
    assert.ok(facts !== undefined || before === undefined || bytes.includes('\ufeff'), 'a JSON object is not read')
    if (facts === undefined) continue
    assert.ok(dialect.estimateInput(bytes) >= 0)
    const rest = endpoint.path.slice(1).replace('{model}', 'a-model')
    const renamed = dialect.withModel({ rest, body: bytes }, 'other')
    const after = dialect.readRequest(renamed.body, { endpoint, named: 'other' })
    assert.equal(after?.model, 'other')
    assert.deepEqual({ ...after, model: facts.model }, facts)
    const asked = dialect.withUsageAsked(bytes, facts)
    if (asked === undefined || before === undefined) continue
    const { stream_options: _, ...others } = before
    const { stream_options: __, ...left } = parsedObject(Buffer.from(asked)) ?? {}
    assert.deepEqual(left, others)
  }
}

function parsedObject(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    // most changed inputs are no JSON any more
    return undefined
  }
}

const windows = z.array(quotaWindow)

/** Lines `name: value`; what is read keeps the contract's form. */
function readAnyHeaders(bytes: Buffer): void {
  const headers = new Map<string, string>()
  for (const line of bytes.toString('latin1').split('\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
  }
  const reading = readQuota((name) => headers.get(name), Date.UTC(2026, 10, 27), [...headers.keys()], 429)
  if (reading) windows.parse([...reading.windows, ...reading.modelWindows])
}

const routeOf = routesOf(dialects)
const baseUrl = 'https://provider.example/some/v1'

/** A line each: what goes upstream stays at the provider's origin and below its base path, however a server may read it. */
function readAnyPaths(bytes: Buffer): void {
  for (const target of bytes.toString('latin1').split('\n')) {
    const route = routeOf('POST', target)
    if (route.kind !== 'call') continue
    const url = targetUrl({ baseUrl }, route.rest, route.query)
    if ('bad' in url) continue
    const base = splitBaseUrl(baseUrl)
    assert.ok(!('bad' in base))
    assert.equal(url.origin, base.origin)
    let seen = `${url.origin}${url.path}`
    // as often as a careless server may decode it
    for (let times = 0; times < 4; times++) {
      const { origin, pathname } = new URL(seen)
      assert.equal(origin, base.origin, seen)
      assert.ok(pathname === base.path || pathname.startsWith(`${base.path}/`), seen)
      seen = `${url.origin}${decodedOnce(url.path.split('?')[0] ?? '')}`
    }
  }
}

function decodedOnce(path: string): string {
  return path.replace(/%([0-9a-f]{2})/gi, (all, hex: string) => {
    const byte = Number.parseInt(hex, 16)
    // what ends a path or makes no URL at all is the server's to refuse
    return byte > 0x20 && byte < 0x7f && byte !== 0x3f && byte !== 0x23 ? String.fromCharCode(byte) : all
  })
}
