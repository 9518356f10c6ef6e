/** How one reply is read while it is held or passed: by which reader, and what else of it is worth keeping. */
import type { ReplyReader } from '../dialects/dialect.ts'
import { openListCutter } from '../dialects/json-list.ts'
import { parsedBytes } from '../dialects/loose-json.ts'
import { openSseCutter } from '../dialects/sse-events.ts'
import type { UpstreamReply } from '../upstream/send.ts'
import type { Call } from './call.ts'
import { openTap, type Tap } from './tap.ts'
import { openUnreadReply } from './unread-reply.ts'

export type OpenReading = {
  tap: Tap
  /** Server-sent events. */
  isSse: boolean
  /** It comes bit by bit; anything else is one answer. */
  streams: boolean
  /** The body of a refusal, or what a reply says of its error; undefined: nothing that can be read. */
  refusalJson(): unknown
}

/** What is kept of a refusal; they are short. */
const mostKept = 64 * 1024

/** `usageAsked`: usage was asked for on the caller's behalf. `began` is called with the first part of an answer that comes bit by bit. */
export function openReplyReading(
  call: Call,
  reply: UpstreamReply,
  usageAsked: boolean,
  began?: () => void,
): OpenReading {
  const isSse = /^text\/event-stream/i.test(reply.header('content-type') ?? '')
  const streams = isSse || call.endpoint.streams === true || call.endpoint.unread === true
  if (call.endpoint.unread) {
    return { tap: openTap(openUnreadReply(reply.header('content-length')), ''), isSse, streams, refusalJson: nothing }
  }
  const encoding = (reply.header('content-encoding') ?? '').trim().toLowerCase()
  const inner = call.dialect.openReply(isSse ? 'sse' : 'json', { dropUsageOnlyChunk: usageAsked })
  let reader = inner
  let kept: () => unknown = nothing
  if (reply.status >= 400) {
    const keeping = openKeeping(reader)
    reader = keeping.reader
    kept = keeping.json
  } else if (began && streams) reader = watching(reader, isSse, call.dialect.prelude ?? none, began)
  const tap = openTap(reader, encoding)
  const refusalJson = () => {
    const { error } = tap.reading()
    const told = kept() ?? inner.errorJson()
    return told ?? (error ? { error: { code: error.code, type: error.code, message: error.message } } : undefined)
  }
  return { tap, isSse, streams, refusalJson }
}

function nothing(): undefined {
  return undefined
}

function openKeeping(reader: ReplyReader): { reader: ReplyReader; json(): unknown } {
  const parts: Uint8Array[] = []
  let length = 0
  const read = (chunk: Uint8Array) => {
    length += chunk.length
    if (length <= mostKept) parts.push(chunk)
    return reader.read(chunk)
  }
  return {
    reader: { ...reader, read },
    json: () => (length > mostKept ? undefined : parsedBytes(Buffer.concat(parts))),
  }
}

const none: ReadonlySet<string> = new Set()

/** Tells of each event or element that is part of an answer, or an error: comments, blanks, what is half there and a prelude are none. */
function watching(reader: ReplyReader, isSse: boolean, prelude: ReadonlySet<string>, began: () => void): ReplyReader {
  const cutter = (isSse ? openSseCutter : openListCutter)(({ name }) => {
    if (!prelude.has(name)) began()
    return 'pass'
  }, false)
  const read = (chunk: Uint8Array) => {
    const told = reader.read(chunk)
    // after it: whoever is told looks at what was read
    cutter.read(chunk)
    return told
  }
  return { ...reader, read }
}
