/** Changes to a JSON object's bytes that leave all the others as they came: values replaced, or one member put in front. */
import type { Span } from './dialect.ts'
import { afterSpace, type Members } from './json-scan.ts'

const encoder = new TextEncoder()

/** The bytes with `text` in place of each of `spans`, which stand in their order; the same bytes where there is none. */
export function withSpans(bytes: Uint8Array, spans: readonly Span[], text: string): Uint8Array {
  if (spans.length === 0) return bytes
  const between = encoder.encode(text)
  const taken = spans.reduce((sum, { from, to }) => sum + to - from, 0)
  const whole = new Uint8Array(bytes.length - taken + spans.length * between.length)
  let read = 0
  let written = 0
  for (const { from, to } of spans) {
    whole.set(bytes.subarray(read, from), written)
    written += from - read
    whole.set(between, written)
    written += between.length
    read = to
  }
  whole.set(bytes.subarray(read), written)
  return whole
}

/**
 * The bytes with the member `key` of the object that begins at `from` set to `json`: replaced where it stands, else put right
 * after the opening brace. `members` are that object's.
 */
export function withMember(bytes: Uint8Array, members: Members, key: string, json: string, from = 0): Uint8Array {
  const span = members.get(key)
  if (span !== undefined) return withSpans(bytes, [span], json)
  const inside = afterSpace(bytes, from, bytes.length) + 1
  const member = `${JSON.stringify(key)}:${json}${members.size === 0 ? '' : ','}`
  return withSpans(bytes, [{ from: inside, to: inside }], member)
}
