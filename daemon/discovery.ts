/** How clients find the daemon of a home: `daemon.json`, and the proof that who answers on its port is the one who wrote it. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { get } from 'node:http'
import { join } from 'node:path'
import * as z from 'zod/mini'
import { type Discovery, discovery, proofText } from '../shared/contract/discovery.ts'
import { codeOf, isMissing } from './store/disk.ts'
import { replaceFile } from './store/durable-file.ts'

const timeoutMs = 3000
const bodyBytes = 64 * 1024

const discoveryFile = (home: string): string => join(home, 'daemon.json')

/** Only what tells who answers: a daemon of another version may say other things beside it. */
const health = z.object({
  version: z.string(),
  proof: z.string(),
  services: z.catch(z.record(z.string(), z.unknown()), {}),
})
type Health = z.infer<typeof health>

/** `absent` says why, for people. `none`: nothing was announced. `stale`: nobody answers any more. `foreign`: somebody else does. `unreadable`: nobody knows, as the home is another user's, or no home. */
export type FoundDaemon =
  | { discovery: Discovery; url: string; health: Health }
  | { absent: string; kind: 'none' | 'stale' | 'foreign' | 'unreadable' }

/** A new local token: scope admin, on loopback only, until this daemon ends. */
export function newLocalToken(): string {
  return `tk_local_${randomBytes(32).toString('base64url')}`
}

/** What `GET /health?nonce=` answers, so that a client may show its token: only who knows the token can say it. */
export function proofOf(token: string, instanceId: string, port: number, nonce: string): string {
  return createHmac('sha256', token)
    .update(proofText(instanceId, port, nonce))
    .digest('hex')
}

/** 0600, at once or not at all. Rejects where the home cannot be written. */
export function writeDiscovery(home: string, d: Discovery): Promise<void> {
  return replaceFile(discoveryFile(home), `${JSON.stringify(d, null, 2)}\n`)
}

/** undefined where there is none, or none in a form that this version knows. */
export async function readDiscovery(home: string): Promise<Discovery | undefined> {
  try {
    const read = discovery.safeParse(JSON.parse(await readFile(discoveryFile(home), 'utf8')))
    return read.success ? read.data : undefined
  } catch (error) {
    if (error instanceof SyntaxError || isMissing(error)) return undefined
    throw error
  }
}

/** Only where it is still this instance's: a successor may have written its own. */
export async function removeDiscovery(home: string, instanceId: string): Promise<void> {
  if ((await readDiscovery(home))?.instanceId === instanceId) await rm(discoveryFile(home), { force: true })
}

/**
 * The daemon of this home, if one runs and proves that it is the one that announced itself. Until then its token is shown to
 * nobody: another program may have taken the port since.
 */
export async function findDaemon(home: string): Promise<FoundDaemon> {
  const announced = await readDiscovery(home).catch(unreadableIn(home))
  if (announced && 'absent' in announced) return announced
  if (!announced) return { kind: 'none', absent: `no daemon has announced itself in ${home}` }
  const { port, token, instanceId } = announced
  const nonce = randomBytes(16).toString('hex')
  const answer = await ask(port, `/health?nonce=${nonce}`)
  if (answer.kind === 'none') {
    return { kind: 'stale', absent: `the daemon of ${home} is gone: nothing answers on port ${port} (${answer.why})` }
  }
  const said = readHealth(answer.text)
  if (!said || !isSame(said.proof, proofOf(token, instanceId, port, nonce))) {
    return {
      kind: 'foreign',
      absent: `port ${port} is used by another program: it cannot prove to be the daemon of ${home}`,
    }
  }
  return { discovery: announced, url: `http://127.0.0.1:${port}`, health: said }
}

/** Only for what the system says of the file: anything else is a bug. */
function unreadableIn(home: string): (error: unknown) => { absent: string; kind: 'unreadable' } {
  return (error) => {
    const code = codeOf(error)
    if (code === undefined) throw error
    return { kind: 'unreadable', absent: `${discoveryFile(home)} cannot be read by this user (${code})` }
  }
}

function readHealth(text: string): Health | undefined {
  try {
    const read = health.safeParse(JSON.parse(text))
    return read.success ? read.data : undefined
  } catch {
    // No JSON: then it is no daemon of ours.
    return undefined
  }
}

function isSame(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}

/** `answer`: somebody sent something, whole or not. Never rejects. */
type Answer = { kind: 'answer'; text: string } | { kind: 'none'; why: string }

function ask(port: number, path: string): Promise<Answer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let bytes = 0
    let answered = false
    // Over the whole exchange: a stranger may send a byte now and then for ever.
    const timer = setTimeout(() => end(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs)
    const request = get({ host: '127.0.0.1', port, path, agent: false }, (reply) => {
      answered = true
      reply.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        chunks.push(chunk)
        if (bytes > bodyBytes) end()
      })
      reply.on('end', () => end())
      reply.on('error', end)
    })
    request.on('error', end)

    function end(error?: Error): void {
      clearTimeout(timer)
      const text = Buffer.concat(chunks).toString('utf8')
      const silent = error !== undefined && !answered && !error.message.startsWith('Parse Error')
      resolve(silent ? { kind: 'none', why: error.message } : { kind: 'answer', text })
      request.destroy()
    }
  })
}
