/** What the readers of all dialects share: following the bytes, keeping text for an estimate, and ending once. */
import type { ReplyReader, ReplyReading } from './dialect.ts'
import { estimatedBytes, estimatedTokens } from './estimate.ts'
import { type JsonReply, openJsonReply } from './json-reply.ts'
import { decodedText, parsed, parsedBytes } from './loose-json.ts'
import { type OnEvent, openSseCutter, type SseCutter, type SseEvent } from './sse-events.ts'

/** `usage-only`: the chunk that was asked for on the client's behalf. `terminal`: the answer is complete with it. */
export type EventKind = 'usage-only' | 'terminal' | 'other'

/** One dialect's part in reading a stream. */
export type StreamTap = {
  onEvent(event: SseEvent): EventKind
  reading(): ReplyReading
}

/** Some that tell of a failure repeat the whole question. */
const largestError = 1024 * 1024

/** The words that an event or a reply carries to the user, tool arguments included. */
export type WordsOf = (value: unknown) => string

/** `openCutter`: what cuts the bytes into events, where that is not plain SSE. */
export function openStreamReader(
  tap: StreamTap,
  wordsOf: WordsOf,
  dropUsageOnlyChunk: boolean,
  openCutter: (onEvent: OnEvent, mayDrop: boolean) => SseCutter = openSseCutter,
): ReplyReader {
  const kept: string[] = []
  let keptLength = 0
  let wholeLength = 0
  let terminal = false
  let wasTerminal = false
  let ended = false
  let errorSaid: string | undefined
  const cutter = openCutter((event) => {
    wholeLength += event.data.length
    // a piece this large is no piece of an answer, but repeats one
    if (keptLength < estimatedBytes && event.data.length <= estimatedBytes) {
      kept.push(event.data)
      keptLength += event.data.length
    }
    const kind = tap.onEvent(event)
    if (kind === 'terminal') terminal = true
    // asking each event would cost too much
    const mayTell = errorSaid === undefined && (event.name === 'error' || event.data.includes('error'))
    if (mayTell && tap.reading().error !== null) errorSaid = event.data
    return kind === 'usage-only' ? 'drop' : 'pass'
  }, dropUsageOnlyChunk)

  return {
    read(chunk) {
      if (ended) return { pass: [chunk], terminal: false }
      const pass = cutter.read(chunk)
      const justComplete = terminal && !wasTerminal
      wasTerminal = terminal
      return { pass, terminal: justComplete }
    },
    reading: () => tap.reading(),
    errorJson: () => (errorSaid === undefined || errorSaid.length > largestError ? undefined : parsed(errorSaid)),
    end() {
      if (ended) return []
      ended = true
      return cutter.end()
    },
    estimateOutput() {
      const words = kept.map((data) => wordsOf(parsed(data))).join('')
      const looked = Math.min(1, estimatedBytes / Math.max(1, words.length))
      return wholeLength === 0 ? 0 : estimatedTokens(words, (keptLength / wholeLength) * looked)
    },
  }
}

export function openBodyReader(readingOf: (reply: JsonReply) => ReplyReading, wordsOf: WordsOf): ReplyReader {
  const reply = openJsonReply()
  let known: ReplyReading | undefined
  let ended = false
  const reading = () => {
    known ??= readingOf(reply)
    return known
  }
  return {
    read(chunk) {
      if (ended) return { pass: [chunk], terminal: false }
      known = undefined
      return { pass: [chunk], terminal: reply.read(chunk) }
    },
    reading,
    errorJson() {
      if (reading().error === null) return undefined
      const bytes = reply.bytes()
      return bytes.length > largestError ? undefined : parsedBytes(bytes)
    },
    end() {
      ended = true
      return []
    },
    estimateOutput() {
      const bytes = reply.bytes()
      const value = parsedBytes(bytes)
      // A torn reply cannot be taken apart: its JSON is then mostly its words.
      const words = value === undefined ? decodedText(bytes, 0, estimatedBytes) : wordsOf(value)
      const whole = value === undefined ? bytes.length : words.length
      return estimatedTokens(words, Math.min(1, estimatedBytes / Math.max(1, whole)))
    },
  }
}
