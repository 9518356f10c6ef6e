/** Changes to a JSON object's bytes that leave all the others as they came: one value replaced, or one member put in front. */
import type { Span } from './dialect.ts'
import { afterSpace, type Members } from './json-scan.ts'

const encoder = new TextEncoder()

/** The bytes with `text` in place of what stands between `span.from` and `span.to`. */
function replaced(bytes: Uint8Array, span: Span, text: string): Uint8Array {
  const between = encoder.encode(text)
  const whole = new Uint8Array(bytes.length - (span.to - span.from) + between.length)
  whole.set(bytes.subarray(0, span.from))
  whole.set(between, span.from)
  whole.set(bytes.subarray(span.to), span.from + between.length)
  return whole
}

/**
 * The bytes with the member `key` of the object that begins at `from` set to `json`: replaced where it stands, else put right
 * after the opening brace. `members` are that object's.
 */
export function withMember(bytes: Uint8Array, members: Members, key: string, json: string, from = 0): Uint8Array {
  const span = members.get(key)
  if (span !== undefined) return replaced(bytes, span, json)
  const inside = afterSpace(bytes, from, bytes.length) + 1
  const member = `${JSON.stringify(key)}:${json}${members.size === 0 ? '' : ','}`
  return replaced(bytes, { from: inside, to: inside }, member)
}
