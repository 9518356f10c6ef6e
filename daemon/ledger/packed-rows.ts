/** Rows of a stretch of time that is past, as bytes: a fifth of the room that they take as objects, and they are seldom read. */
import { type Sums, sumsFrom, writeSums } from './sums.ts'
import { codeOf, codes, noTimes, packed, type Times } from './times.ts'

export type Row = { names: readonly string[]; sums: Sums; times: Times }

/** `names` by row; `bytes`: of each row its sums, how many steps its times have, and for each how far on its code is, and its count. */
export type PackedRows = { names: (readonly string[])[]; bytes: Uint8Array }

/** In the same order. `rows` by key. */
export function packRows(rows: ReadonlyMap<string, Row>): PackedRows {
  const { put, bytes } = openBytes()
  const names: PackedRows['names'] = []
  for (const [key, row] of rows) {
    names.push(sharedNames(key, row.names))
    for (const sum of writeSums(row.sums)) put(sum)
    const times = row.times.length === 0 ? noTimes : packed(row.times)
    put(times.length)
    let before = 0
    for (const item of times) {
      const code = codeOf(item)
      put(code - before)
      put((item - code) / codes)
      before = code
    }
  }
  return { names, bytes: bytes() }
}

export function unpackRows({ names, bytes }: PackedRows): Row[] {
  const next = numbersIn(bytes)
  return names.map((rowNames) => {
    const sums = sumsFrom(next)
    const times: Times = []
    let code = 0
    for (let left = next(); left > 0; left--) {
      code += next()
      times.push(next() * codes + code)
    }
    return { names: rowNames, sums, times }
  })
}

/** More than two full days have rows: what is called today was mostly called yesterday. */
const sharedBound = 5000
const shared = new Map<string, readonly string[]>()

/** Equal names are one list, whichever stretch of time they stand in: else they would take more room than their sums. */
function sharedNames(key: string, names: readonly string[]): readonly string[] {
  const known = shared.get(key)
  // lists of different lengths may have one key
  const list = known?.length === names.length ? known : names
  shared.delete(key)
  shared.set(key, list)
  const unused = shared.size > sharedBound ? shared.keys().next() : undefined
  if (unused && !unused.done) shared.delete(unused.value)
  return list
}

/** Whole numbers from 0 on, seven bits a byte, the lowest first; a byte from 128 on has more behind it. */
function openBytes(): { put(number: number): void; bytes(): Uint8Array } {
  let room = new Uint8Array(1024)
  let size = 0
  const push = (byte: number) => {
    if (size === room.length) {
      const more = new Uint8Array(size * 2)
      more.set(room)
      room = more
    }
    room[size++] = byte
  }
  return {
    put(number) {
      let left = number
      for (; left >= 128; left = Math.floor(left / 128)) push((left % 128) + 128)
      push(left)
    },
    bytes: () => room.slice(0, size),
  }
}

/** Small numbers are put together as integers, which V8 keeps in less room than what may be a fraction. */
function numbersIn(bytes: Uint8Array): () => number {
  let at = 0
  return () => {
    let byte = bytes[at++] ?? 0
    let number = byte & 127
    for (let shift = 7; byte >= 128 && shift < 28; shift += 7) {
      byte = bytes[at++] ?? 0
      number |= (byte & 127) << shift
    }
    for (let size = 2 ** 28; byte >= 128; size *= 128) {
      byte = bytes[at++] ?? 0
      number += (byte & 127) * size
    }
    return number
  }
}
