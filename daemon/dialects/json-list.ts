/** Cuts a list of JSON objects that grows as it comes into its objects, without touching their bytes. */
import { openDepth } from './json-depth.ts'
import { decodedText } from './loose-json.ts'
import { largestRead, type OnEvent, type SseCutter } from './sse-events.ts'

/** The name of the event without data that says that the list is closed. */
export const listEnd = 'list-end'

/** Every chunk goes on at once as it came. An object larger than an event may be passes unread. */
export function openListCutter(onEvent: OnEvent): SseCutter {
  let chunk: Uint8Array = new Uint8Array(0)
  let parts: Uint8Array[] = []
  let length = 0
  /** Where the open object goes on in this chunk; null: none is open. */
  let from: number | null = null

  const follow = openDepth((depth, at, opens) => {
    if (opens && depth === 2) from = at
    else if (!opens && depth === 1) close(at + 1)
    else if (!opens && depth === 0) onEvent({ name: listEnd, data: '' })
  })

  function keep(to: number): void {
    if (from === null) return
    length += to - from
    if (length <= largestRead) parts.push(chunk.subarray(from, to))
    else parts = []
    from = 0
  }

  function close(to: number): void {
    keep(to)
    if (from !== null && length <= largestRead) onEvent({ name: '', data: joinedText(parts) })
    parts = []
    length = 0
    from = null
  }

  return {
    read(next) {
      chunk = next
      follow(next)
      keep(next.length)
      return [next]
    },
    end: () => [],
  }
}

function joinedText(parts: readonly Uint8Array[]): string {
  if (parts.length === 1 && parts[0] !== undefined) return decodedText(parts[0])
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return decodedText(whole)
}
