/** Checks for the parts of a snapshot that are arrays of numbers and names; whole events are checked by their schemas. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

export function isInstant(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

export function isArray(value: unknown): value is unknown[] {
  return Array.isArray(value)
}

/** A name by its place in the table. */
export function nameAt(names: readonly string[], id: unknown): string | undefined {
  return isCount(id) ? names[id] : undefined
}

/** All or nothing: undefined where one item is not what `read` reads. */
export function readAll<T>(json: unknown, read: (item: unknown) => T | undefined): T[] | undefined {
  if (!isArray(json)) return undefined
  const items: T[] = []
  for (const part of json) {
    const item = read(part)
    if (item === undefined) return undefined
    items.push(item)
  }
  return items
}

/** The field of a value that may be an object. */
export function fieldOf(json: unknown, name: string): unknown {
  if (typeof json !== 'object' || json === null || !Object.hasOwn(json, name)) return undefined
  return Reflect.get(json, name)
}
