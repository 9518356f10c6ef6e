/** Follows JSON as it passes and tells at each bracket how deep it stands; strings are searched for their end, not walked. */

const quote = 0x22
const backslash = 0x5c

/** `depth`: how many are open after the bracket at `at` of this chunk. */
type OnBracket = (depth: number, at: number, opens: boolean) => void

/** Takes the chunks one after the other. */
export function openDepth(onBracket: OnBracket): (chunk: Uint8Array) => void {
  let depth = 0
  let inString = false
  let escaped = false

  /** The place after the string that `from` stands in, or the chunk's end. An answer is mostly text, which is searched, not walked. */
  function afterText(chunk: Uint8Array, from: number): number {
    let i = escaped ? from + 1 : from
    escaped = false
    while (i < chunk.length) {
      const found = chunk.indexOf(quote, i)
      const end = found === -1 ? chunk.length : found
      let slashes = 0
      while (end - 1 - slashes >= i && chunk[end - 1 - slashes] === backslash) slashes++
      if (found === -1) {
        escaped = slashes % 2 === 1
        return end
      }
      i = found + 1
      if (slashes % 2 === 0) {
        inString = false
        return i
      }
    }
    return i
  }

  return (chunk) => {
    let i = 0
    while (i < chunk.length) {
      if (inString) i = afterText(chunk, i)
      else {
        const at = i++
        const byte = chunk[at]
        if (byte === quote) inString = true
        else if (byte === 0x7b || byte === 0x5b) onBracket(++depth, at, true)
        else if (byte === 0x7d || byte === 0x5d) onBracket(--depth, at, false)
      }
    }
  }
}
