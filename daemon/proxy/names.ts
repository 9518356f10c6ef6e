/** Makes names that come from outside safe once, on entry: everything behind it may print and store them. */
import { scrub } from '../../shared/scrub.ts'

const longest = 200
const mostKnown = 1000
const safe = new Map<string, string>()
// C0, DEL, C1, and the marks that turn the reading direction (Unicode Bidirectional Algorithm, UAX #9)
const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g

/** At most 200 characters, without what looks like a secret; control and bidirectional characters replaced; '' where nothing is left. */
export function safeName(text: string): string {
  const known = safe.get(text)
  if (known !== undefined) return known
  const name = madeSafe(text)
  // names repeat call after call; a flood of new ones starts the memory afresh
  if (safe.size >= mostKnown) safe.clear()
  if (text.length <= longest) safe.set(text, name)
  return name
}

function madeSafe(text: string): string {
  // more is read than is kept, so that no secret is cut in two and then not known
  return scrub(text.slice(0, 4 * longest))
    .slice(0, longest)
    .replace(unsafe, '\ufffd')
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .trim()
}

/** The same, with null for absent and empty. */
export function safeNameOr(text: string | null | undefined): string | null {
  const name = text ? safeName(text) : ''
  return name === '' ? null : name
}
