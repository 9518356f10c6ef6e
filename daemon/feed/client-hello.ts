/** What a client of the feed may say, and with which codes it is told why its connection ends. */
import type { RawData } from 'ws'
import * as z from 'zod/mini'
import { CONTRACT_VERSION, feedHello } from '../../shared/contract/feed.ts'

/** Close codes of ours, in the range RFC 6455 section 7.4.2 leaves to applications. */
export const feedClose = {
  goingAway: 1001,
  badMessage: 1008,
  tooSlow: 4001,
  revoked: 4003,
  otherContract: 4010,
} as const

/** A client may say one thing: who it is and which contract it knows. */
export function wrongWith(data: RawData): { code: number; why: string } | undefined {
  const hello = z.safeParse(feedHello, jsonOf(data))
  if (!hello.success) return { code: feedClose.badMessage, why: 'only hello is understood' }
  if (hello.data.contract === CONTRACT_VERSION) return undefined
  return { code: feedClose.otherContract, why: `this daemon speaks contract ${CONTRACT_VERSION}` }
}

function jsonOf(data: RawData): unknown {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as ArrayBuffer)
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    // told to the client as a message that is not understood
    return undefined
  }
}
