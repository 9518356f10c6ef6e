/** Reading JSON that others wrote: what has another type than expected counts as absent, and nothing throws. */

export type JsonObject = Record<string, unknown>

const decoder = new TextDecoder()

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object, or an empty one. */
export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** A whole number of tokens; negative, fractional and unsafe ones are no count. */
export function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

/** A string with something in it. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/** The value that the text stands for; undefined where it is no JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // A provider's torn or foreign text is an expected outcome here: it tells nothing.
    return undefined
  }
}

export function parsedBytes(bytes: Uint8Array, from = 0, to = bytes.length): unknown {
  return parsed(decodedText(bytes, from, to))
}

export function decodedText(bytes: Uint8Array, from = 0, to = bytes.length): string {
  return decoder.decode(bytes.subarray(from, to))
}
