/** Where a reading came from, as the end of "measured 20 s ago"; pure. */

const sources = new Map([
  ['header', ' from response headers'],
  ['event', ' from the stream'],
  ['body', ' from the reply'],
  ['counted', ' by our own count'],
])

export function sourceText(source: string): string {
  return sources.get(source) ?? ''
}
