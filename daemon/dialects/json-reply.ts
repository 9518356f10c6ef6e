/** Follows a JSON reply as it passes: knows when it is whole, and keeps its bytes for reading up to a bound. */
import { type Members, memberOf, membersOf } from './json-scan.ts'
import { type JsonObject, objectOf, parsedBytes } from './loose-json.ts'

/** Replies of 8 MB have been seen; what is larger passes without being read. */
const largestReply = 16 * 1024 * 1024

/** Up to here a reply is parsed as a whole: that costs less than looking for its members one by one. */
const smallReply = 16 * 1024

const quote = 0x22
const backslash = 0x5c

export type JsonReply = {
  /** Whether the reply is whole with these bytes. */
  read(chunk: Uint8Array): boolean
  isWhole(): boolean
  /** A member of the reply's object, or of the first of a list of objects; undefined where the reply is not whole. */
  member(key: string): unknown
  /** The bytes so far, up to the bound. */
  bytes(): Uint8Array
}

export function openJsonReply(): JsonReply {
  let parts: Uint8Array[] = []
  let length = 0
  let depth = 0
  let inString = false
  let escaped = false
  let whole = false
  let members: Members | undefined
  let value: unknown

  function follow(chunk: Uint8Array): void {
    let i = 0
    while (i < chunk.length) {
      if (inString) i = afterText(chunk, i)
      else {
        const byte = chunk[i++]
        if (byte === quote) inString = true
        else if (byte === 0x7b || byte === 0x5b) depth++
        else if (byte === 0x7d || byte === 0x5d) whole = --depth === 0
      }
    }
  }

  /** The place after the string that `from` stands in, or the chunk's end. An answer is mostly text, which is searched, not walked. */
  function afterText(chunk: Uint8Array, from: number): number {
    let i = escaped ? from + 1 : from
    escaped = false
    while (i < chunk.length) {
      const found = chunk.indexOf(quote, i)
      const end = found === -1 ? chunk.length : found
      let slashes = 0
      while (end - 1 - slashes >= i && chunk[end - 1 - slashes] === backslash) slashes++
      if (found === -1) {
        escaped = slashes % 2 === 1
        return end
      }
      i = found + 1
      if (slashes % 2 === 0) {
        inString = false
        return i
      }
    }
    return i
  }

  function read(chunk: Uint8Array): boolean {
    const wasWhole = whole
    follow(chunk)
    length += chunk.length
    members = undefined
    value = undefined
    if (length <= largestReply) parts.push(chunk)
    else parts = []
    return whole && !wasWhole
  }

  function bytes(): Uint8Array {
    if (parts.length === 1 && parts[0] !== undefined) return parts[0]
    const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of parts) {
      joined.set(part, at)
      at += part.length
    }
    parts = [joined]
    return joined
  }

  function member(key: string): unknown {
    if (!whole || length > largestReply) return undefined
    if (length <= smallReply) return objectIn(parsedSmall())[key]
    members ??= membersOf(bytes())
    if (members !== undefined) return memberOf(bytes(), members, key)
    return objectIn(parsedBytes(bytes()))[key]
  }

  function parsedSmall(): unknown {
    value ??= parsedBytes(bytes())
    return value
  }

  function isWhole(): boolean {
    if (!whole || length > largestReply) return whole
    if (length <= smallReply) return parsedSmall() !== undefined
    return membersOf(bytes()) !== undefined || parsedBytes(bytes()) !== undefined
  }

  return { read, isWhole, member, bytes }
}

/** Google's endpoint for OpenAI's dialect wraps its errors in a list (seen 2025). */
function objectIn(value: unknown): JsonObject {
  return Array.isArray(value) ? objectOf(value[0]) : objectOf(value)
}
