/** What reads calls out of one kind of file, line by line, and what it may find there. */
import type { ImportCall } from '../../../shared/contract/endpoints/import.ts'
import type { ImportSource } from '../../../shared/contract/event.ts'

/** `waits`: a call that may still be under way; the next import takes it. */
export type Item = { kind: 'call'; call: ImportCall } | { kind: 'bad'; line: number; why: string } | { kind: 'waits' }

export type Billing = ImportCall['billing']

type Reading = {
  /** Without its end; lines count from 1. */
  line(bytes: Buffer, number: number): Item[]
  /** What was held back until the file's end. */
  end(): Item[]
}

/** `open` begins one file; files come in the order of their names. `inPieces`: it wants pieces of a file instead of lines. */
export type Reader = { source: ImportSource; inPieces?: true; open(): Reading }

/** Whether a call was not read before in this import, in a file that tells of the same one. */
export type IsNew = (key: string) => boolean

export const nothing: Item[] = []

export function bad(line: number, why: string): Item[] {
  return [{ kind: 'bad', line, why }]
}

const notJson = 'it is no JSON'
const [brace, endBrace] = [0x7b, 0x7d]

/**
 * The object in a line. null: none is wanted, as the line is empty or has none of `marks` in it, which a large one is not parsed
 * for. A text: why it cannot be read.
 */
export function objectIn(bytes: Buffer, marks: readonly string[]): Record<string, unknown> | string | null {
  if (bytes.length === 0) return null
  if (bytes[0] !== brace || bytes[bytes.length - 1] !== endBrace) return notJson
  if (marks.length > 0 && !marks.some((mark) => bytes.includes(mark))) return null
  try {
    return JSON.parse(bytes.toString('utf8')) as Record<string, unknown>
  } catch {
    // the parser's own message would quote the line, which may hold anything
    return notJson
  }
}

/** An instant as ISO 8601 in UTC; undefined where it is none. */
export function instantIn(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : new Date(at).toISOString()
}

/** A name as the API takes it; null for anything else. */
export function nameIn(value: unknown): string | null {
  if (typeof value !== 'string' || value.trim() === '') return null
  return value.slice(0, 200)
}
