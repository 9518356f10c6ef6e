/** Takes in a request's body within bounds: one body's size, all held bodies together, and a rule against those who stall. */
import type { IncomingMessage } from 'node:http'

export type BodyLimits = { bodyBytes: number; heldBytes: number; stallMs: number }
export const defaultBodyLimits: BodyLimits = { bodyBytes: 64 * 2 ** 20, heldBytes: 256 * 2 ** 20, stallMs: 60_000 }

export type Body =
  /**
   * `holdMore` takes more of the common bound, for what the bytes unpack to; false where it would be crossed. `release` gives
   * all of it back; call it once.
   */
  | { kind: 'body'; bytes: Buffer; holdMore(bytes: number): boolean; release(): void }
  | { kind: 'too-large' }
  | { kind: 'too-much-held' }
  | { kind: 'stalled' }
  | { kind: 'gone' }

export type Bodies = { take(request: IncomingMessage): Promise<Body>; held(): number }

/** How many times, within the time that a body may stop coming, it is looked for such ones. */
const looksAStall = 12

/** `limitsNow` is asked for each body, which keeps what it began with. */
export function openBodies(limitsNow: () => BodyLimits): Bodies {
  let heldBytes = 0
  // One look at all of them now and then: nearly every body is there at once, and needs no timer of its own.
  const coming = new Map<(body: Body) => void, { movedAt: number }>()
  let looking: NodeJS.Timeout | undefined

  function look(): void {
    const longAgo = performance.now() - limitsNow().stallMs
    for (const [settle, { movedAt }] of coming) if (movedAt < longAgo) settle({ kind: 'stalled' })
    looking = coming.size > 0 ? lookLater() : undefined
  }

  function lookLater(): NodeJS.Timeout {
    return setTimeout(look, limitsNow().stallMs / looksAStall).unref()
  }

  function take(request: IncomingMessage): Promise<Body> {
    const limits = limitsNow()
    const announced = Number(request.headers['content-length'] ?? 0)
    if (announced > limits.bodyBytes) return Promise.resolve({ kind: 'too-large' })
    if (heldBytes + announced > limits.heldBytes) return Promise.resolve({ kind: 'too-much-held' })
    return new Promise((resolve) => {
      const chunks: Buffer[] = []
      const progress = { movedAt: performance.now() }
      let size = 0
      const settle = (body: Body) => {
        if (!coming.delete(settle)) return
        if (body.kind !== 'body') heldBytes -= size
        resolve(body)
      }
      coming.set(settle, progress)
      looking ??= lookLater()
      request.on('data', (chunk: Buffer) => {
        if (!coming.has(settle)) return
        size += chunk.length
        heldBytes += chunk.length
        progress.movedAt = performance.now()
        if (size > limits.bodyBytes) settle({ kind: 'too-large' })
        else if (heldBytes > limits.heldBytes) settle({ kind: 'too-much-held' })
        else chunks.push(chunk)
      })
      request.on('end', () => {
        let released = false
        const release = () => {
          if (!released) heldBytes -= size
          released = true
        }
        const holdMore = (bytes: number) => {
          if (released || heldBytes + bytes > limits.heldBytes) return false
          size += bytes
          heldBytes += bytes
          return true
        }
        const bytes = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
        settle({ kind: 'body', bytes, holdMore, release })
      })
      request.on('close', () => settle({ kind: 'gone' }))
      request.on('error', () => settle({ kind: 'gone' }))
    })
  }

  return { take, held: () => heldBytes }
}
