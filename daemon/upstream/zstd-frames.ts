/** Tells where zstd frames end (RFC 8878 section 3.1): several may stand in a row, and Node reads no further than the first. */

export type Frames = {
  /** How many of the next bytes belong to the frame under way: all of them where it goes on behind them. */
  take(bytes: Uint8Array): number
  /** How many have come to their end. */
  ended(): number
  /** Whether what came is whole frames: at least one, and no piece of another. */
  whole(): boolean
}

/** Little-endian numbers, by how many bytes they have. What is passed over between them has no name. */
const fields = { magic: 4, skippableSize: 4, descriptor: 1, block: 3 }
const frameMagic = 0xfd2fb528
/** Its last four bits are free. */
const skippableMagic = 0x184d2a50
const dictionaryBytes = [0, 1, 2, 4]

export function openFrames(): Frames {
  let field: keyof typeof fields = 'magic'
  let value = 0
  let got = 0
  /** Bytes to pass over before the next field, or before the frame's end. */
  let over = 0
  let last = false
  let checksum = 0
  let ended = 0

  /** What a field that is whole says of what follows. */
  function follow(): void {
    if (field === 'magic') {
      if (value === frameMagic) field = 'descriptor'
      else if ((value & ~0xf) === skippableMagic) field = 'skippableSize'
      // none: the decoder says so
      else over = Infinity
    } else if (field === 'skippableSize') {
      over = value
      last = true
    } else if (field === 'descriptor') {
      const single = (value >> 5) & 1
      const sizeFlag = value >> 6
      checksum = value & 4
      over = 1 - single + (dictionaryBytes[value & 3] ?? 0) + (sizeFlag === 0 ? single : 1 << sizeFlag)
      field = 'block'
    } else {
      last = (value & 1) === 1
      const isOneByteRepeated = ((value >> 1) & 3) === 1
      over = (isOneByteRepeated ? 1 : value >> 3) + (last ? checksum : 0)
    }
  }

  return {
    take(bytes) {
      let at = 0
      while (at < bytes.length) {
        if (over > 0) {
          const passed = Math.min(over, bytes.length - at)
          over -= passed
          at += passed
        } else {
          // a sum, as a fourth byte would make a shifted one negative
          value += (bytes[at++] as number) * 2 ** (8 * got++)
          if (got < fields[field]) continue
          follow()
          value = 0
          got = 0
        }
        if (!last || over > 0) continue
        last = false
        field = 'magic'
        ended += 1
        return at
      }
      return at
    },
    ended: () => ended,
    whole: () => ended > 0 && field === 'magic' && got === 0 && over === 0,
  }
}
