/** The name table of a snapshot: each name stands there once, rows refer to it by its place. */
export type NameTable = {
  idOf: (name: string) => number
  /** All names, by id. */
  list: () => string[]
}

export function openNameTable(): NameTable {
  // A Map, for a model may be called `__proto__`.
  const ids = new Map<string, number>()
  return {
    idOf(name) {
      const known = ids.get(name)
      if (known !== undefined) return known
      ids.set(name, ids.size)
      return ids.size - 1
    },
    list: () => [...ids.keys()],
  }
}
