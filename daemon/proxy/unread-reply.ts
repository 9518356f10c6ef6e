/** Follows a reply that passes unread: only that it is over can be told. */
import type { ReplyReader } from '../dialects/dialect.ts'

/** `length`: the reply's Content-Length, if it has one; then its last byte is known as the last before it has gone on. */
export function openUnreadReply(length: string | undefined): ReplyReader {
  let left = length === undefined ? Infinity : Number(length)
  return {
    read(chunk) {
      left -= chunk.length
      return { pass: [chunk], terminal: left === 0 }
    },
    reading: () => ({
      usage: null,
      outputReported: false,
      model: null,
      statedCostUsd: null,
      error: null,
      complete: true,
      webSearches: 0,
      keptAs: null,
      quota: null,
    }),
    errorJson: () => undefined,
    end: () => [],
    estimateOutput: () => 0,
  }
}
