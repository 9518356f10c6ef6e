/** Where things stand in the text of a config file, and how a new one is laid out there. */

/** Where the comma behind a value stands; what stands between may be comments. */
export function commaAfter(text: string, from: number): number | undefined {
  // each comment as a whole: a comma within one is none
  const found = /(?:\s|\/\/[^\r\n]*(?:[\r\n]|$)|\/\*(?:(?!\*\/)[\s\S])*\*\/)*,/y
  found.lastIndex = from
  return found.test(text) ? found.lastIndex - 1 : undefined
}

/** The end of the line, where nothing but space and comments stands before it; else `from` itself. */
export function behindComment(text: string, from: number): number {
  const found = /(?:[^\S\r\n]|\/\*(?:(?!\*\/)[^\r\n])*\*\/)*(?:\/\/[^\r\n]*)?(?=[\r\n])/y
  found.lastIndex = from
  return found.test(text) ? found.lastIndex : from
}

export function indentOf(text: string): string {
  return /^[^\S\r\n]+(?=")/m.exec(text)?.[0].slice(0, 8) ?? '  '
}

export function eolOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n'
}

export function lineIndentAt(text: string, offset: number): string {
  return /^[^\S\r\n]*/.exec(text.slice(text.lastIndexOf('\n', offset - 1) + 1))?.[0] ?? ''
}

/** A property on a line of its own within what stands at `outer`. */
export function written(value: unknown, indent: string, outer: string, eol: string): string {
  return JSON.stringify(value, null, indent).replaceAll('\n', `${eol}${outer}`)
}
