/** Times as a short text for snapshots and months' files: two letters a step, where numbers of a list would take five. */
import { codeOf, codes, packed, type Times } from './times.ts'

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const places = new Map([...letters].map((letter, place) => [letter, place]))
const more = 32

/** For each step how far its code lies behind the one before, and its count: digits of 32, lowest first; those with 32 have more behind. */
export function writeTimes(times: Readonly<Times>): string {
  let text = ''
  let before = -1
  for (const item of packed(times)) {
    const code = codeOf(item)
    text += numberText(code - before) + numberText((item - code) / codes)
    before = code
  }
  return text
}

function numberText(number: number): string {
  let text = ''
  let left = number
  for (; left >= more; left = Math.floor(left / more)) text += letters.charAt((left % more) + more)
  return text + letters.charAt(left)
}

/** undefined: not what `writeTimes` writes. */
export function readTimes(json: unknown): Times | undefined {
  const numbers = typeof json === 'string' ? numbersIn(json) : undefined
  if (!numbers || numbers.length % 2 === 1) return undefined
  const times: Times = []
  let code = -1
  for (let at = 0; at < numbers.length; at += 2) {
    const [ahead = 0, count = 0] = numbers.slice(at, at + 2)
    code += ahead
    const item = count * codes + code
    if (ahead === 0 || count === 0 || code >= codes || !Number.isSafeInteger(item)) return undefined
    times.push(item)
  }
  return times
}

function numbersIn(text: string): number[] | undefined {
  const numbers: number[] = []
  let number = 0
  let size = 1
  for (const letter of text) {
    const place = places.get(letter)
    if (place === undefined) return undefined
    number += (place % more) * size
    size *= more
    if (place >= more) continue
    numbers.push(number)
    number = 0
    size = 1
  }
  return size === 1 ? numbers : undefined
}
