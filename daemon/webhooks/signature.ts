/** How a receiver knows that a call is ours, and fresh. */
import { createHmac } from 'node:crypto'

export const signatureHeader = 'X-Tollkeeper-Signature'

/** `t=UNIX,v1=HEX`: an HMAC-SHA-256 over the seconds, a dot and the body's bytes. `at` in epoch ms. */
export function signatureOf(secret: string, at: number, body: string): string {
  const seconds = Math.floor(at / 1000)
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`
}
