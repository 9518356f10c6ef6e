/** Reads Responses replies: whole bodies, and streams of events up to `response.completed` or its likes. */
import type { ReplyReader, ReplyReading } from '../dialect.ts'
import type { JsonReply } from '../json-reply.ts'
import { holdsOneOf, wordsOf as quoted } from '../json-scan.ts'
import { isObject, type JsonObject, listOf, objectOf, parsed, textOf } from '../loose-json.ts'
import { readStatedCost } from '../openai-usage.ts'
import { type EventKind, openBodyReader, openStreamReader, type StreamTap } from '../reply-reader.ts'
import type { SseEvent } from '../sse-events.ts'
import { type Tier, tierOf } from '../tier.ts'
import { type MemberOf, type ReadEvent, readEvent } from './event.ts'
import { isBilledSearch, readAudio, readUsage, readWebSearches } from './usage.ts'

/** Usage is told by every answer: there is nothing to ask for, and nothing to take out again. */
export function openReply(kind: 'json' | 'sse'): ReplyReader {
  return kind === 'sse' ? openStreamReader(openTap(), wordsOf, false) : openBodyReader(readBody, wordsOf)
}

/**
 * Nearly all events carry a few letters, or repeat what others carried: only these are taken apart. Quotes inside of texts are
 * escaped, so that no text looks like one of them.
 */
const worthReading =
  /"type"\s*:\s*"(?:response\.(?:created|completed|incomplete|failed|error)|error|codex\.rate_limits|web_search_call|image_generation_call)"|^\s*\{\s*"error"\s*:\s*["{]/
const namedAsWorth = /^(?:response\.(?:created|completed|incomplete|failed|error)|error|codex\.rate_limits)$/
const search = '"web_search_call"'
/** An item of the output; its image may be large, and need not be taken apart. */
const image = '"image_generation_call"'

const nothing: ReplyReading = {
  usage: null,
  outputReported: false,
  model: null,
  statedCostUsd: null,
  error: null,
  complete: false,
  webSearches: 0,
  keptAs: null,
  quota: null,
}

function openTap(): StreamTap {
  const told = { ...nothing }
  // the last of each; what a refusal says of limits stands beside what an event of its own says
  let limits: JsonObject | null = null
  let refusal: JsonObject | null = null
  // of the last event: the first one repeats what was asked for
  let tier: Tier | undefined
  let audio: ReplyReading['audio']
  let images = false
  let isOver = false
  let inBackground = false

  function onEvent({ name, data }: SseEvent): EventKind {
    if (!worthReading.test(data) && !namedAsWorth.test(name)) return 'other'
    images ||= data.includes(image)
    const event = readEvent(data)
    if (event === undefined) return 'other'
    switch (textOf(event.own('type')) ?? name) {
      case 'response.created':
        takeHead(event.response)
        return 'other'
      case 'response.completed':
      case 'response.incomplete':
        takeEnd(event, data)
        return 'terminal'
      case 'response.failed':
        takeEnd(event, data)
        told.error ??= { code: 'error', message: '' }
        return 'terminal'
      case 'response.output_item.done':
        if (isBilledSearch(event.own('item'))) told.webSearches++
        return 'other'
      case 'codex.rate_limits':
        limits = objectOf(parsed(data))
        return 'other'
      case 'error':
      case 'response.error':
      case '':
        takeError(event.own('error') ?? { code: event.own('code'), message: event.own('message') })
        return 'other'
      default:
        return 'other'
    }
  }

  function takeHead(response: MemberOf): void {
    told.model ??= textOf(response('model'))
    told.keptAs ??= keptAsOf(response)
    inBackground ||= response('background') === true
  }

  function takeEnd({ response }: ReadEvent, data: string): void {
    takeHead(response)
    isOver = true
    tier = tierOf(response('service_tier'))
    const usage = response('usage')
    told.usage = readUsage(usage)
    audio = readAudio(usage)
    told.outputReported = told.usage !== null
    told.statedCostUsd = readStatedCost(usage)
    // who joined the stream late saw no events of the items before
    if (data.includes(search)) told.webSearches = Math.max(told.webSearches, readWebSearches(response('output')))
    takeError(response('error'))
  }

  function takeError(error: unknown): void {
    const said = readError(error)
    if (said === null) return
    told.error ??= said
    refusal = { error }
  }

  return {
    onEvent,
    reading: () => ({
      ...told,
      complete: isOver && told.error === null,
      quota: limits || refusal ? { ...limits, ...refusal } : null,
      ...(audio && { audio }),
      ...(images && { images }),
      ...(tier && { tier }),
      ...(inBackground && !isOver && { underWay: true }),
    }),
  }
}

const searchWord = quoted('web_search_call')
const imageWord = quoted('image_generation_call')

function readBody(reply: JsonReply): ReplyReading {
  const { member } = reply
  const usage = member('usage')
  const read = readUsage(usage)
  // the ChatGPT backend says only `detail` (seen 2026-11)
  const error = member('error') ?? (member('object') === undefined ? member('detail') : undefined)
  const said = readError(error)
  const bytes = reply.bytes()
  const audio = readAudio(usage)
  const tier = tierOf(member('service_tier'))
  const searched = reply.isWhole() && holdsOneOf(bytes, { from: 0, to: bytes.length }, searchWord)
  return {
    usage: read,
    outputReported: read !== null,
    model: textOf(member('model')),
    statedCostUsd: readStatedCost(usage),
    error: said,
    complete: reply.isWhole(),
    webSearches: searched ? readWebSearches(member('output')) : 0,
    ...(audio && { audio }),
    ...(holdsOneOf(bytes, { from: 0, to: bytes.length }, imageWord) && { images: true }),
    ...(tier && { tier }),
    keptAs: keptAsOf(member),
    quota: said === null ? null : { error },
    ...(/^(?:queued|in_progress)$/.test(textOf(member('status')) ?? '') && { underWay: true }),
  }
}

/** Answers are kept unless the caller said otherwise (platform.openai.com/docs/api-reference/responses/create, `store`). */
function keptAsOf(response: MemberOf): string | null {
  return response('object') === 'response' && response('store') !== false ? textOf(response('id')) : null
}

function readError(error: unknown): { code: string; message: string } | null {
  const plain = textOf(error)
  if (plain !== null) return { code: 'error', message: plain }
  if (!isObject(error)) return null
  const code = typeof error.code === 'number' ? String(error.code) : textOf(error.code)
  return { code: code ?? textOf(error.type) ?? 'error', message: textOf(error.message) ?? '' }
}

/** Pieces of text, thoughts and tool arguments of a stream; events that repeat them whole do not count again. */
function wordsOf(value: unknown): string {
  const { type, delta, output } = objectOf(value)
  const kind = textOf(type)
  if (kind !== null) return kind.endsWith('.delta') && !kind.endsWith('audio.delta') ? (textOf(delta) ?? '') : ''
  let words = ''
  for (const item of listOf(output).map(objectOf)) {
    for (const text of [item.name, item.arguments, item.input]) words += textOf(text) ?? ''
    for (const part of [...listOf(item.summary), ...listOf(item.content)].map(objectOf)) {
      words += (textOf(part.text) ?? '') + (textOf(part.refusal) ?? '')
    }
  }
  return words
}
