/** Finds the members of one JSON object in its bytes, in one pass and without building the values. */
import type { Span } from './dialect.ts'
import { decodedText, parsed } from './loose-json.ts'

/** Where each member's value stands, by its key. Of a key that stands twice the last one counts, as in JSON.parse. */
export type Members = ReadonlyMap<string, Span>

const quote = 0x22
const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d
const comma = 0x2c
const colon = 0x3a

/** No client nests a request this deep; a body that does is left to the provider unread. */
const deepest = 10_000

/**
 * The members of the object that fills `bytes` between `from` and `to` (white space around it is allowed). undefined: it is
 * not one whole object. What stands inside a value is only checked for matching brackets and closed strings.
 */
export function membersOf(bytes: Uint8Array, from = 0, to = bytes.length): Members | undefined {
  const members = new Map<string, Span>()
  let at = afterSpace(bytes, from, to)
  if (at >= to || bytes[at] !== openBrace) return undefined
  at = afterSpace(bytes, at + 1, to)
  if (at < to && bytes[at] === closeBrace) return afterSpace(bytes, at + 1, to) === to ? members : undefined
  while (at < to) {
    const keyEnd = afterString(bytes, at, to)
    if (keyEnd === -1) return undefined
    const key = keyOf(bytes, at, keyEnd)
    at = afterSpace(bytes, keyEnd, to)
    if (key === undefined || at >= to || bytes[at] !== colon) return undefined
    at = afterSpace(bytes, at + 1, to)
    const valueEnd = afterValue(bytes, at, to)
    if (valueEnd === -1) return undefined
    members.set(key, { from: at, to: valueEnd })
    at = afterSpace(bytes, valueEnd, to)
    if (at >= to) return undefined
    if (bytes[at] === closeBrace) return afterSpace(bytes, at + 1, to) === to ? members : undefined
    if (bytes[at] !== comma) return undefined
    at = afterSpace(bytes, at + 1, to)
  }
  return undefined
}

/** Where each element of the list between `from` and `to` stands; none where that is no whole list. */
export function elementsOf(bytes: Uint8Array, { from, to }: Span): Span[] {
  const elements: Span[] = []
  if (bytes[from] !== openBracket) return []
  let at = afterSpace(bytes, from + 1, to)
  while (at < to && bytes[at] !== closeBracket) {
    const end = afterValue(bytes, at, to)
    if (end === -1) return []
    elements.push({ from: at, to: end })
    at = afterSpace(bytes, end, to)
    if (bytes[at] === comma) at = afterSpace(bytes, at + 1, to)
  }
  return elements
}

/** The member's value; undefined where it is absent or no JSON. */
export function memberOf(bytes: Uint8Array, members: Members, key: string): unknown {
  const span = members.get(key)
  if (span === undefined) return undefined
  const isShortText = bytes[span.from] === quote && span.to - span.from <= shortText
  return isShortText ? keyOf(bytes, span.from, span.to) : parsed(decodedText(bytes, span.from, span.to))
}

/** Names of models and the like: putting their letters together costs less than a call into the runtime's decoder. */
const shortText = 64

/** Whether one of the strings in that part of the JSON is one of `words`, which stand in ASCII with their quotes. */
export function holdsOneOf(bytes: Uint8Array, { from, to }: Span, words: readonly Uint8Array[]): boolean {
  for (let at = bytes.indexOf(quote, from); at !== -1 && at < to; ) {
    const end = afterString(bytes, at, to)
    if (end === -1) return false
    for (const word of words) if (word.length === end - at && standsAt(bytes, at, word)) return true
    at = bytes.indexOf(quote, end)
  }
  return false
}

function standsAt(bytes: Uint8Array, at: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false
  return true
}

/** For `holdsOneOf`. */
export function wordsOf(...words: readonly string[]): Uint8Array[] {
  return words.map((word) => new TextEncoder().encode(JSON.stringify(word)))
}

/** The first place from `at` on that is no JSON white space. */
export function afterSpace(bytes: Uint8Array, at: number, to: number): number {
  let i = at
  while (i < to) {
    const byte = bytes[i]
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break
    i++
  }
  return i
}

function keyOf(bytes: Uint8Array, from: number, to: number): string | undefined {
  let plain = ''
  for (let i = from + 1; i < to - 1; i++) {
    const byte = bytes[i] ?? 0
    if (byte < 0x20 || byte > 0x7e || byte === backslash) return escapedKeyOf(bytes, from, to)
    plain += String.fromCharCode(byte)
  }
  return plain
}

function escapedKeyOf(bytes: Uint8Array, from: number, to: number): string | undefined {
  const value = parsed(decodedText(bytes, from, to))
  return typeof value === 'string' ? value : undefined
}

/** The place after the string that opens at `at`; -1: there is none, or it does not end. */
function afterString(bytes: Uint8Array, at: number, to: number): number {
  if (at >= to || bytes[at] !== quote) return -1
  let i = at + 1
  // Most strings are short: a call into the runtime's search costs more than these few steps.
  const near = Math.min(to, i + 24)
  for (; i < near; i++) {
    if (bytes[i] === quote) return i + 1
    if (bytes[i] === backslash) i++
  }
  while (i < to) {
    const end = bytes.indexOf(quote, i)
    if (end === -1 || end >= to) return -1
    let slashes = 0
    while (end - 1 - slashes >= i && bytes[end - 1 - slashes] === backslash) slashes++
    if (slashes % 2 === 0) return end + 1
    i = end + 1
  }
  return -1
}

/** The place after the value that begins at `at`; -1: there is none, or it does not end. */
function afterValue(bytes: Uint8Array, at: number, to: number): number {
  if (at >= to) return -1
  const byte = bytes[at]
  if (byte === quote) return afterString(bytes, at, to)
  if (byte === openBrace || byte === openBracket) return afterNested(bytes, at, to)
  let end = at
  while (end < to && !endsScalar(bytes[end])) end++
  // Only literals and numbers get here, so the text is short; a long one is none.
  if (end - at > 400) return -1
  return parsed(decodedText(bytes, at, end)) === undefined ? -1 : end
}

function endsScalar(byte: number | undefined): boolean {
  return (
    byte === comma ||
    byte === closeBrace ||
    byte === closeBracket ||
    byte === 0x20 ||
    byte === 0x0a ||
    byte === 0x0d ||
    byte === 0x09
  )
}

function afterNested(bytes: Uint8Array, at: number, to: number): number {
  const closers: number[] = []
  let i = at
  while (i < to) {
    const byte = bytes[i]
    if (byte === quote) {
      i = afterString(bytes, i, to)
      if (i === -1) return -1
      continue
    }
    if (byte === openBrace || byte === openBracket) {
      if (closers.length === deepest) return -1
      closers.push(byte === openBrace ? closeBrace : closeBracket)
    } else if (byte === closeBrace || byte === closeBracket) {
      if (closers.pop() !== byte) return -1
      if (closers.length === 0) return i + 1
    }
    i++
  }
  return -1
}
