/** Cuts a stream of server-sent events into its events without touching their bytes (WHATWG HTML, 9.2.6). */
import { decodedText } from './loose-json.ts'

const lineFeed = 0x0a
const carriageReturn = 0x0d

/** An event larger than this is not held back for a decision: no dialect has one to drop that is so large. */
export const largestHeld = 1024 * 1024

/** An event larger than this passes unread. The last one of OpenAI's Responses repeats the whole answer, pictures too. */
export const largestRead = 16 * 1024 * 1024

/** Pieces up to this size are put together while their event is open, so that many small ones cost no more than few large ones. */
const smallPiece = 4096

/** `name` is '' where the event has no `event:` field. */
export type SseEvent = { name: string; data: string }

/** What becomes of an event's bytes. */
type Verdict = 'pass' | 'drop'

export type OnEvent = (event: SseEvent) => Verdict

export type SseCutter = {
  /** The bytes that may go on to the client. */
  read(chunk: Uint8Array): Uint8Array[]
  /** Reads what was left open, as clients do, and gives back what was still held. */
  end(): Uint8Array[]
}

/**
 * Calls `onEvent` for each event with data. With `mayDrop`, an event's bytes wait until it is complete and then go on or are
 * left out as `onEvent` says; without, every chunk goes on at once as it came.
 */
export function openSseCutter(onEvent: OnEvent, mayDrop: boolean): SseCutter {
  const largestEvent = mayDrop ? largestHeld : largestRead
  /** The open event's bytes from earlier chunks. */
  let held: Uint8Array[] = []
  let heldBytes = 0
  let unread = false
  let lineIsEmpty = true
  let afterCarriageReturn = false
  /** A blank line ended in CR, so the event ends here, or after an LF that follows. */
  let endsHere = false

  function close(lastPart: Uint8Array): Verdict {
    if (unread) return 'pass'
    const event = eventOf(decodedText(held.length === 0 ? lastPart : joined([...held, lastPart])))
    return event === undefined ? 'pass' : onEvent(event)
  }

  function startNext(): void {
    held = []
    heldBytes = 0
    unread = false
  }

  function read(chunk: Uint8Array): Uint8Array[] {
    const passed: Uint8Array[] = []
    let eventFrom = 0
    let passFrom = 0

    const closeAt = (end: number): void => {
      const verdict = close(chunk.subarray(eventFrom, end))
      if (verdict === 'drop' && mayDrop) {
        if (passFrom < eventFrom) passed.push(chunk.subarray(passFrom, eventFrom))
        passFrom = end
      } else if (mayDrop && held.length > 0) {
        passed.push(...held)
      }
      startNext()
      eventFrom = end
    }

    if (endsHere || afterCarriageReturn || chunk.includes(carriageReturn)) followAnyLineEnds(chunk, closeAt)
    else followLineFeeds(chunk, closeAt)
    return keepOpenEvent(chunk, eventFrom, passFrom, passed)
  }

  /** Nearly all streams: one search in the runtime a line instead of a step a byte. */
  function followLineFeeds(chunk: Uint8Array, closeAt: (end: number) => void): void {
    let line = 0
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, line)) {
      if (end > line) lineIsEmpty = false
      if (lineIsEmpty) closeAt(end + 1)
      lineIsEmpty = true
      line = end + 1
    }
    if (line < chunk.length) lineIsEmpty = false
  }

  function followAnyLineEnds(chunk: Uint8Array, closeAt: (end: number) => void): void {
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i]
      if (endsHere) {
        endsHere = false
        closeAt(byte === lineFeed ? i + 1 : i)
        if (byte === lineFeed) continue
      }
      if (byte === lineFeed) {
        if (!afterCarriageReturn) {
          if (lineIsEmpty) closeAt(i + 1)
          lineIsEmpty = true
        }
        afterCarriageReturn = false
      } else if (byte === carriageReturn) {
        endsHere = lineIsEmpty
        afterCarriageReturn = !lineIsEmpty
        lineIsEmpty = true
      } else {
        lineIsEmpty = false
        afterCarriageReturn = false
      }
    }
  }

  /** What stands after the last complete event stays until its event is complete, or passes unread if that grows too large. */
  function keepOpenEvent(chunk: Uint8Array, eventFrom: number, passFrom: number, passed: Uint8Array[]): Uint8Array[] {
    const open = chunk.subarray(eventFrom)
    if (!unread && heldBytes + open.length > largestEvent) {
      unread = true
      if (mayDrop) passed.push(...held)
      held = []
    }
    if (mayDrop) {
      const to = unread ? chunk.length : eventFrom
      if (passFrom < to) passed.push(chunk.subarray(passFrom, to))
    }
    if (!unread && open.length > 0) hold(open)
    return mayDrop ? passed : [chunk]
  }

  function hold(piece: Uint8Array): void {
    heldBytes += piece.length
    let last = piece
    // like sizes are joined with like, so no byte is copied more than a dozen times
    for (let before = held.at(-1); before && before.length <= last.length && last.length <= smallPiece; ) {
      held.pop()
      last = joined([before, last])
      before = held.at(-1)
    }
    held.push(last)
  }

  function end(): Uint8Array[] {
    if (held.length === 0) return []
    const rest = held
    const verdict = close(new Uint8Array(0))
    startNext()
    return mayDrop && verdict === 'pass' ? rest : []
  }

  return { read, end }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** undefined: nothing but comments and other fields. */
function eventOf(text: string): SseEvent | undefined {
  const lineEnd = text.indexOf('\n')
  // Nearly every event of the OpenAI kind is one such line.
  if (lineEnd === text.length - 2 && text.startsWith('data: {') && !text.includes('\r')) {
    return { name: '', data: text.slice(6, lineEnd) }
  }
  let name = ''
  let data: string | undefined
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line.startsWith('data:')) {
      const value = line.slice(line.startsWith(' ', 5) ? 6 : 5)
      data = data === undefined ? value : `${data}\n${value}`
    } else if (line === 'data') {
      data = data === undefined ? '' : `${data}\n`
    } else if (line.startsWith('event:')) {
      name = line.slice(line.startsWith(' ', 6) ? 7 : 6)
    }
  }
  return data === undefined ? undefined : { name, data }
}
