/** Follows a JSON reply as it passes: knows when it is whole, and keeps its bytes for reading up to a bound. */
import { openDepth } from './json-depth.ts'
import { type Members, memberOf, membersOf } from './json-scan.ts'
import { type JsonObject, objectOf, parsedBytes } from './loose-json.ts'

/** Replies of 8 MB have been seen; what is larger passes without being read. */
const largestReply = 16 * 1024 * 1024

/** Up to here a reply is parsed as a whole: that costs less than looking for its members one by one. */
const smallReply = 16 * 1024

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
  let whole = false
  let members: Members | undefined
  let value: unknown
  const follow = openDepth((depth, _at, opens) => {
    if (!opens) whole = depth === 0
  })

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
