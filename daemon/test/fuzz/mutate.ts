/** Makes other bytes out of good ones: the same for the same seed, so that a find can be played again. */
import { Buffer } from 'node:buffer'

export type Chance = () => number

/** Whole numbers from 0 to 2^32, by xorshift (Marsaglia 2003). `seed` is not 0. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state
  }
}

/** What readers look for, and what breaks those that look carelessly. */
const words = [
  'data: ',
  '\n\n',
  '\r\n\r\n',
  '\r',
  '\n',
  ':',
  'event: error\n',
  'data: [DONE]\n\n',
  '"usage":',
  '"usage":null,',
  '"error":{"message":"x"},',
  '{',
  '}',
  '[',
  ']',
  '"',
  '\\',
  '\\u0000',
  '\ufeff',
  'ü',
  '\0',
  '-1',
  '1e309',
  '0.5',
  '99999999999999999999',
  'null',
  'true',
  '%2e%2e/',
  '..%2f',
  '/../',
  '\\',
  '%00',
  '%25',
  '//',
  ';',
  '?',
  '#',
  '/v1/',
  '/p/x/',
  '/f/x/',
  'tk_',
  'x-ratelimit-reset-tokens: 6m0.5s\n',
  '-reset: 1e999\n',
  ', ',
  '=',
  'NaN',
]

export function mutated(bytes: Buffer, other: Buffer, chance: Chance): Buffer {
  let now = bytes
  const times = 1 + (chance() % 4)
  for (let i = 0; i < times; i++) now = changed(now, other, chance)
  return now.subarray(0, 200_000)
}

function changed(bytes: Buffer, other: Buffer, chance: Chance): Buffer {
  const at = bytes.length === 0 ? 0 : chance() % bytes.length
  const to = Math.min(bytes.length, at + 1 + (chance() % 64))
  const before = bytes.subarray(0, at)
  switch (chance() % 7) {
    case 0:
      return before
    case 1:
      return Buffer.concat([before, bytes.subarray(to)])
    case 2:
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)])
    case 3: {
      const from = other.length === 0 ? 0 : chance() % other.length
      return Buffer.concat([before, other.subarray(from, from + 200), bytes.subarray(at)])
    }
    case 4: {
      const flipped = Buffer.from(bytes)
      if (flipped.length > 0) flipped[at] = (flipped[at] ?? 0) ^ (1 << (chance() % 8))
      return flipped
    }
    default: {
      const word = Buffer.from(words[chance() % words.length] ?? '')
      return Buffer.concat([before, word, bytes.subarray(chance() % 2 === 0 ? at : to)])
    }
  }
}
