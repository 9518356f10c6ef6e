/** Finds the daemon of a home and makes sure that it is the one whose token stands there, before that token goes anywhere. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Discovery, discovery, proofText } from '../shared/contract/discovery.ts'

export type Daemon = { url: string; discovery: Discovery }
export type Found = { kind: 'found'; daemon: Daemon } | { kind: 'absent'; why: string }

const answerWithinMs = 3000
const healthAtMost = 64 * 1024

/** Where the daemon keeps everything. */
export function homeOf(env: Record<string, string | undefined>): string {
  const given = env['TOLLKEEPER_HOME']
  return given === undefined || given === '' ? join(homedir(), '.tollkeeper') : resolve(given)
}

export const discoveryFile = 'daemon.json'

export async function findDaemon(home: string): Promise<Found> {
  const absent = (why: string): Found => ({ kind: 'absent', why })
  const path = join(home, discoveryFile)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => error)
  if (typeof text !== 'string') {
    return absent(
      text.code === 'ENOENT' ? `no daemon runs: ${path} does not exist` : `cannot read ${path}: ${text.message}`,
    )
  }
  const read = discovery.safeParse(parsed(text))
  if (!read.success) return absent(`${path} is not what a daemon writes; starting one replaces it`)

  const url = `http://127.0.0.1:${read.data.port}`
  const nonce = randomBytes(16).toString('hex')
  const health = await healthOf(`${url}/health?nonce=${nonce}`)
  if (health.kind === 'none')
    return absent(`the daemon of ${path} does not answer on port ${read.data.port}: ${health.why}`)
  if (!isProof(health.body, read.data, nonce)) {
    return absent(`another program answers on port ${read.data.port}; the daemon of ${path} is gone`)
  }
  return { kind: 'found', daemon: { url, discovery: read.data } }
}

/** The status says nothing here: a daemon that is unwell is still ours. */
async function healthOf(url: string): Promise<{ kind: 'body'; body: unknown } | { kind: 'none'; why: string }> {
  try {
    const reply = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(answerWithinMs) })
    return { kind: 'body', body: parsed(await textOf(reply)) }
  } catch (error) {
    // fetch says "fetch failed" and keeps what happened in `cause`
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    return { kind: 'none', why: cause instanceof Error ? cause.message : String(cause) }
  }
}

/** The start of a body, as far as any answer of a daemon can reach. */
async function textOf(reply: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  if (reply.body === null) return text
  const reader = reply.body.getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    text += decoder.decode(next.value as Uint8Array, { stream: true })
    if (text.length > healthAtMost) {
      await reader.cancel()
      break
    }
  }
  return text
}

function isProof(body: unknown, found: Discovery, nonce: string): boolean {
  const proof = typeof body === 'object' && body !== null && 'proof' in body ? body.proof : undefined
  if (typeof proof !== 'string') return false
  const expected = createHmac('sha256', found.token)
    .update(proofText(found.instanceId, found.port, nonce))
    .digest()
  const given = Buffer.from(proof, 'hex')
  return given.length === expected.length && timingSafeEqual(given, expected)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // what is not JSON is not a daemon's: the caller finds nothing in it and says so
    return undefined
  }
}
