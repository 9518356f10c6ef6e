/** Reads a request's whole body up to a bound. */
import type { IncomingMessage } from 'node:http'

const largest = 64 * 1024 * 1024

/** undefined: it is larger than 64 MiB; what is left of it is thrown away. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request) {
    const bytes = part as Buffer
    length += bytes.length
    if (length <= largest) parts.push(bytes)
    else parts.length = 0
  }
  return length > largest ? undefined : Buffer.concat(parts)
}
