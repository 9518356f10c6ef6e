/** Token counts guessed from text, for calls whose provider told none. The caller marks them as estimated. */
import { estimateTokenCount } from 'tokenx'
import { decodedText } from './loose-json.ts'

/** Estimating costs about a millisecond for 16 KiB, so only this much is looked at and the result is scaled. */
export const estimatedBytes = 256 * 1024

/** What providers charge for one picture is around this, whatever its bytes. */
const tokensOfAttachment = 1000
/** A run this long without a space or quote is no prose: it is base64. */
const shortestAttachment = 1024

/** Tokens of `text`, which is `share` (0 to 1) of the whole. */
export function estimatedTokens(text: string, share = 1): number {
  if (text === '' || share <= 0) return 0
  return Math.round(estimateTokenCount(text.slice(0, estimatedBytes)) / Math.min(1, share))
}

/** Tokens of a request's JSON. Attachments count as a fixed number each, since their base64 is not what the model reads. */
export function estimatedRequestTokens(body: Uint8Array): number {
  const kept = new Uint8Array(Math.min(body.length, estimatedBytes))
  let keptBytes = 0
  let textBytes = 0
  let attachments = 0
  let from = 0
  while (from < body.length) {
    const to = afterRun(body, from)
    if (to - from >= shortestAttachment) {
      attachments++
    } else {
      const length = Math.min(to - from, kept.length - keptBytes)
      kept.set(body.subarray(from, from + length), keptBytes)
      keptBytes += length
      textBytes += to - from
    }
    from = to
  }
  if (textBytes === 0) return attachments * tokensOfAttachment
  const text = decodedText(kept, 0, keptBytes)
    .replace(/\\(?:n|t|r|u[0-9a-fA-F]{4})/g, ' ')
    .replace(/\\/g, '')
  return estimatedTokens(text, keptBytes / textBytes) + attachments * tokensOfAttachment
}

/** Of so many bytes in a row that are base64, one at least begins at a multiple of the half of `shortestAttachment`. */
const probedBytes = shortestAttachment / 2
const bytesAToken = 4
const quote = 0x22

/** The same, coarser and at once: four bytes are a token, and the bytes are looked at here and there only. */
export function roughRequestTokens(body: Uint8Array): number {
  let textBytes = body.length
  let attached = 0
  for (let at = 0; at + probedBytes <= body.length; ) {
    if (afterRun(body, at, at + probedBytes) < at + probedBytes) {
      at += probedBytes
      continue
    }
    const end = body.indexOf(quote, at)
    const length = (end === -1 ? body.length : end) - at
    textBytes -= length
    attached += Math.min(tokensOfAttachment, length / bytesAToken)
    at += length
  }
  return Math.ceil(textBytes / bytesAToken + attached)
}

/** The end of a run of base64 letters from `from`, or of one other byte. */
function afterRun(body: Uint8Array, from: number, most = body.length): number {
  let to = from
  while (to < most && isBase64(body[to] ?? 0)) to++
  return to === from ? from + 1 : to
}

function isBase64(byte: number): boolean {
  return (
    (byte >= 0x61 && byte <= 0x7a) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x2f && byte <= 0x39) ||
    byte === 0x2b ||
    byte === 0x3d ||
    byte === 0x2d ||
    byte === 0x5f
  )
}
