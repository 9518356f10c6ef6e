/** Takes one event of a stream apart: a small one by parsing it, a large one by finding its members in its bytes. */
import { memberOf, membersOf } from '../json-scan.ts'
import { isObject, objectOf, parsed } from '../loose-json.ts'

export type MemberOf = (key: string) => unknown

/** An event's own members, and those of the `response` that it holds. */
export type ReadEvent = { own: MemberOf; response: MemberOf }

/** Parsing costs less than searching up to here. The last event repeats the whole answer and can have megabytes. */
const smallEvent = 16 * 1024

const encoder = new TextEncoder()

/** undefined: no whole JSON object. */
export function readEvent(data: string): ReadEvent | undefined {
  if (data.length <= smallEvent) {
    const event = parsed(data)
    if (!isObject(event)) return undefined
    const response = objectOf(event.response)
    return { own: (key) => event[key], response: (key) => response[key] }
  }
  const bytes = encoder.encode(data)
  const members = membersOf(bytes)
  if (members === undefined) return undefined
  const at = members.get('response')
  const inside = at && membersOf(bytes, at.from, at.to)
  return {
    own: (key) => memberOf(bytes, members, key),
    response: (key) => inside && memberOf(bytes, inside, key),
  }
}
