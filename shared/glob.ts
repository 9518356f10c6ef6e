/** Patterns for names of models, in which `*` stands for anything, or nothing, and every other character for itself. */

export function isPattern(name: string): boolean {
  return name.includes('*')
}

/** Goes through the name once, piece by piece: nobody can write a pair that takes long. */
export function fits(pattern: string, name: string): boolean {
  const [first = '', ...pieces] = pattern.split('*')
  const last = pieces.pop()
  if (last === undefined) return name === pattern
  if (!name.startsWith(first)) return false
  const end = name.length - last.length
  let at = first.length
  for (const piece of pieces) {
    const found = name.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return at <= end && name.endsWith(last)
}
