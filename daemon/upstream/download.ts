/** Fetches one document from the net, within bounds, along the user's proxies; redirects are not followed. */
import { request } from 'undici'
import { type Network, openAgents } from './agent.ts'

export type Downloaded =
  | { kind: 'downloaded'; bytes: Buffer; lastModified: string | null }
  /** `why` ends the sentence "… could not be fetched: it …". `answered`: somebody is there, and said no. */
  | { kind: 'failed'; why: string; answered: boolean }

export type DownloadBounds = { connectMs: number; wholeMs: number; mostBytes: number; signal?: AbortSignal }
const usual: DownloadBounds = { connectMs: 10_000, wholeMs: 60_000, mostBytes: 32 * 2 ** 20 }

export async function download(url: string, network: Network, bounds = usual): Promise<Downloaded> {
  const { connectMs, wholeMs, mostBytes, signal } = bounds
  const atMost = AbortSignal.timeout(wholeMs)
  const agents = openAgents(() => network)
  try {
    const { statusCode, headers, body } = await request(url, {
      dispatcher: agents.agentFor(connectMs),
      headers: { accept: 'application/json', 'user-agent': 'tollkeeper' },
      signal: signal ? AbortSignal.any([atMost, signal]) : atMost,
    })
    if (statusCode !== 200) {
      const redirect = statusCode >= 300 && statusCode < 400 ? ', and redirects are not followed' : ''
      return { kind: 'failed', why: `was answered with status ${statusCode}${redirect}`, answered: true }
    }
    const parts: Buffer[] = []
    let length = 0
    for await (const part of body as AsyncIterable<Buffer>) {
      length += part.length
      if (length > mostBytes)
        return { kind: 'failed', why: `is larger than ${mostBytes / 2 ** 20} MiB`, answered: true }
      parts.push(part)
    }
    const stated = headers['last-modified']
    return { kind: 'downloaded', bytes: Buffer.concat(parts), lastModified: typeof stated === 'string' ? stated : null }
  } catch (error) {
    const said = error instanceof Error ? error : new Error(String(error))
    const why = 'code' in said && typeof said.code === 'string' ? said.code : said.message
    return { kind: 'failed', why: `cannot be reached, or broke off (${why})`, answered: false }
  } finally {
    await agents.close()
  }
}
