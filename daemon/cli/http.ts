/** Requests to the daemon on this machine, with a time limit: a global fetch would take a proxy's settings for loopback too. */
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Fetch } from '../../shared/client.ts'
import { apiError } from '../../shared/contract/error.ts'
import type { Reason } from './say.ts'

const usualMs = 10_000
const mostBytes = 64 * 1024 * 1024

type LocalReply = { status: number; text(): Promise<string> }

export const localFetch: Fetch = localFetchWithin(usualMs)

/** For what takes the daemon longer than an answer does. */
export function localFetchWithin(timeoutMs: number): Fetch {
  return (url, init) =>
    new Promise<LocalReply>((resolve, reject) => {
      const timer = setTimeout(() => req.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs)
      const fail = (error: Error) => {
        clearTimeout(timer)
        reject(error)
      }
      const req = request(url, { method: init.method, headers: init.headers, agent: false }, (res) => {
        const chunks: Buffer[] = []
        let bytes = 0
        res.on('data', (chunk: Buffer) => {
          chunks.push(chunk)
          bytes += chunk.length
          if (bytes > mostBytes) req.destroy(new Error('the answer is larger than 64 MiB'))
        })
        res.on('error', fail)
        res.on('end', () => {
          clearTimeout(timer)
          const text = Buffer.concat(chunks).toString('utf8')
          resolve({ status: res.statusCode ?? 0, text: () => Promise.resolve(text) })
        })
      })
      req.on('error', fail)
      req.end(init.body)
    })
}

/** How long nothing may come of an answer that is read as it is made. */
const silentMs = 2 * 60_000

/** A GET whose answer is read as it comes, of any length; resolves with its head. */
export function localStream(url: string, headers: Record<string, string>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const req = request(url, { headers, agent: false }, resolve)
    req.setTimeout(silentMs, () => req.destroy(new Error(`nothing came for ${silentMs / 1000} s`)))
    req.on('error', reject)
    req.end()
  })
}

/** Why there is no answer, as the reply says. */
export async function refusalIn(reply: IncomingMessage): Promise<Reason> {
  const said = await text(reply)
  const status = `status ${reply.statusCode ?? 0}`
  try {
    const { error, detail } = apiError.parse(JSON.parse(said))
    return { error, detail }
  } catch {
    // whatever it is, it is none of the daemon's
    return { error: 'No Answer', detail: `what came was ${status}, and no reason that this version knows.` }
  }
}
