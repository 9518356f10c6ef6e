/** Reads Messages replies: whole bodies, and streams of named events up to `message_stop`. */
import type { ReplyReader, ReplyReading } from '../dialect.ts'
import type { JsonReply } from '../json-reply.ts'
import { isObject, listOf, objectOf, parsed, textOf } from '../loose-json.ts'
import { type EventKind, openBodyReader, openStreamReader, type StreamTap } from '../reply-reader.ts'
import type { SseEvent } from '../sse-events.ts'
import { servedAs, type ToldUsage, takeUsage, usageOf } from './usage.ts'

export function openReply(kind: 'json' | 'sse'): ReplyReader {
  return kind === 'sse' ? openStreamReader(openTap(), wordsOf, false) : openBodyReader(readBody, wordsOf)
}

/** Nearly all events carry a piece of a content block, and none of those tells usage: they are not parsed. */
const ofContent = /^(?:content_block_(?:start|delta|stop)|ping)$/
const contentData = /^\{\s*"type"\s*:\s*"(?:content_block_|ping)/

function openTap(): StreamTap {
  const told: ToldUsage = {}
  let model: string | null = null
  let error: ReplyReading['error'] = null
  let stopped = false
  let outputReported = false

  function onEvent({ name, data }: SseEvent): EventKind {
    if (ofContent.test(name) || contentData.test(data)) return 'other'
    const event = parsed(data)
    // A torn event tells nothing, whatever its name promised.
    if (!isObject(event)) return 'other'
    switch (textOf(event.type) ?? name) {
      case 'message_start': {
        const message = objectOf(event.message)
        model ??= textOf(message.model)
        takeUsage(told, message.usage)
        return 'other'
      }
      case 'message_delta':
        takeUsage(told, event.usage)
        outputReported ||= typeof objectOf(event.usage).output_tokens === 'number'
        return 'other'
      case 'message_stop':
        stopped = true
        return 'terminal'
      case 'error':
        error ??= readError(event)
        return 'other'
      default:
        return 'other'
    }
  }

  return {
    onEvent,
    reading: () => ({
      usage: usageOf(told),
      outputReported,
      model,
      statedCostUsd: null,
      error,
      complete: stopped && error === null,
      webSearches: told.webSearches ?? 0,
      ...servedAs(told),
      keptAs: null,
      quota: null,
    }),
  }
}

function readBody(reply: JsonReply): ReplyReading {
  const told: ToldUsage = {}
  takeUsage(told, reply.member('usage'))
  const usage = usageOf(told)
  const error = reply.member('error')
  return {
    usage,
    outputReported: usage !== null,
    model: textOf(reply.member('model')),
    statedCostUsd: null,
    error: error === undefined || error === null ? null : readError({ error }),
    complete: reply.isWhole(),
    webSearches: told.webSearches ?? 0,
    ...servedAs(told),
    keptAs: null,
    quota: null,
  }
}

function readError(body: Record<string, unknown>): { code: string; message: string } {
  if (!isObject(body.error)) return { code: 'error', message: textOf(body.error) ?? textOf(body.message) ?? '' }
  return { code: textOf(body.error.type) ?? 'error', message: textOf(body.error.message) ?? '' }
}

function wordsOf(value: unknown): string {
  const event = objectOf(value)
  const blocks = [event.delta, event.content_block, ...listOf(event.content)].map(objectOf)
  let words = ''
  for (const block of blocks) {
    for (const text of [block.text, block.thinking, block.partial_json, block.name]) words += textOf(text) ?? ''
    if (isObject(block.input) && Object.keys(block.input).length > 0) words += JSON.stringify(block.input)
  }
  return words
}
