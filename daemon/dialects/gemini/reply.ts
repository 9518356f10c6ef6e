/** Reads Gemini replies: whole bodies, events, and the list that a stream without `alt=sse` is. */
import type { ReplyReader, ReplyReading } from '../dialect.ts'
import { listEnd, openListCutter } from '../json-list.ts'
import type { JsonReply } from '../json-reply.ts'
import { afterSpace } from '../json-scan.ts'
import { isObject, type JsonObject, listOf, objectOf, parsed, textOf } from '../loose-json.ts'
import { openBodyReader, openStreamReader, type StreamTap } from '../reply-reader.ts'
import { openTold } from './told.ts'

export function openReply(kind: 'json' | 'sse'): ReplyReader {
  return kind === 'json' ? openJson() : openStreamReader(openTap('sse'), wordsOf, false)
}

/** One object; or a list of them, which is a stream and told by its first letter. */
function openJson(): ReplyReader {
  let isKnown = false
  let reader = openBodyReader(readBody, wordsOf)
  return {
    read(chunk) {
      const at = isKnown ? 0 : afterSpace(chunk, 0, chunk.length)
      if (at === chunk.length) return { pass: [chunk], terminal: false }
      if (!isKnown && chunk[at] === 0x5b) reader = openStreamReader(openTap('list'), wordsOf, false, openListCutter)
      isKnown = true
      return reader.read(chunk)
    },
    reading: () => reader.reading(),
    end: () => reader.end(),
    errorJson: () => reader.errorJson(),
    estimateOutput: () => reader.estimateOutput(),
  }
}

function readBody(reply: JsonReply): ReplyReading {
  const told = openTold()
  told.take(chunkIn(reply))
  return told.reading(reply.isWhole())
}

function chunkIn(reply: JsonReply): JsonObject {
  const chunk: JsonObject = {}
  for (const key of ['candidates', 'usageMetadata', 'modelVersion', 'promptFeedback', 'error']) {
    const value = reply.member(key)
    if (value !== undefined) chunk[key] = value
  }
  return chunk
}

/**
 * Events have no last one: a finish reason may stand in any, and some stand-ins for Google send one before the first word
 * (seen 2026-09). So only the end of the stream ends it, and until then nothing is terminal. A list is over when it closes.
 */
function openTap(kind: 'sse' | 'list'): StreamTap {
  const told = openTold()
  let isClosed = false
  return {
    onEvent({ name, data }) {
      if (name === listEnd) {
        isClosed = true
        return 'terminal'
      }
      const chunk = parsed(data)
      if (isObject(chunk)) told.take(chunk)
      return 'other'
    },
    reading: (): ReplyReading => told.reading(kind === 'sse' ? told.isFinished() : isClosed),
  }
}

/** Text, thoughts, and names and arguments of function calls. */
function wordsOf(value: unknown): string {
  let words = ''
  for (const candidate of listOf(objectOf(value).candidates).map(objectOf)) {
    for (const part of listOf(objectOf(candidate.content).parts).map(objectOf)) {
      const call = objectOf(part.functionCall)
      words += (textOf(part.text) ?? '') + (textOf(call.name) ?? '')
      if (isObject(call.args)) words += JSON.stringify(call.args)
      words += textOf(objectOf(part.executableCode).code) ?? ''
    }
  }
  return words
}
