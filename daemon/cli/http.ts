/** Requests to the daemon on this machine, with a time limit: a global fetch would take a proxy's settings for loopback too. */
import { request } from 'node:http'
import type { Fetch } from '../../shared/client.ts'

const usualMs = 10_000
const mostBytes = 64 * 1024 * 1024

export type LocalReply = { status: number; text(): Promise<string> }

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
