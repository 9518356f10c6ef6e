/** Reads Chat Completions replies: whole bodies, and streams of chunks up to `[DONE]`. */
import type { ReplyReader, ReplyReading } from '../dialect.ts'
import type { JsonReply } from '../json-reply.ts'
import { isObject, listOf, objectOf, parsed, textOf } from '../loose-json.ts'
import { readStatedCost } from '../openai-usage.ts'
import { type EventKind, openBodyReader, openStreamReader, type StreamTap } from '../reply-reader.ts'
import type { SseEvent } from '../sse-events.ts'
import { type Tier, tierOf } from '../tier.ts'
import { madeImages, readAudio, readUsage, readWebSearches } from './usage.ts'

export function openReply(kind: 'json' | 'sse', options: { dropUsageOnlyChunk: boolean }): ReplyReader {
  return kind === 'sse'
    ? openStreamReader(openTap(), wordsOf, options.dropUsageOnlyChunk)
    : openBodyReader(readBody, wordsOf)
}

/** Most chunks carry a few letters of text and nothing that must be read: only these are parsed. */
const worthReading = /"(?:usage|x_groq|error)"\s*:\s*["{]|"finish_reason"\s*:\s*"/

/** The model's name stands in the first chunks or nowhere. */
const chunksThatNameModel = 5

function openTap(): StreamTap {
  const told: ReplyReading = {
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
  let audio: ReplyReading['audio']
  let images = false
  let tier: Tier | undefined
  let chunks = 0

  function onEvent({ name, data }: SseEvent): EventKind {
    if (data.trim() === '[DONE]') {
      told.complete = true
      return 'terminal'
    }
    const mayNameModel = told.model === null && chunks++ < chunksThatNameModel
    if (!mayNameModel && name !== 'error' && !worthReading.test(data)) return 'other'
    const chunk = parsed(data)
    return isObject(chunk) ? readChunk(chunk, name) : 'other'
  }

  function readChunk(chunk: Record<string, unknown>, name: string): EventKind {
    told.model ??= textOf(chunk.model)
    tier = tierOf(chunk.service_tier) ?? tier
    told.error ??=
      readError(chunk) ?? (name === 'error' ? { code: 'error', message: textOf(chunk.message) ?? '' } : null)
    if (listOf(chunk.choices).some((choice) => isFinish(objectOf(choice).finish_reason))) told.complete = true
    // Groq hides it in a member of its own; some send it in every chunk, and then the last one counts.
    const stated = isObject(chunk.usage) ? chunk.usage : objectOf(chunk.x_groq).usage
    const usage = readUsage(stated)
    if (usage !== null) {
      told.usage = usage
      audio = readAudio(stated)
      images ||= madeImages(stated)
      told.outputReported = true
      told.statedCostUsd = readStatedCost(stated) ?? told.statedCostUsd
      told.webSearches = Math.max(told.webSearches, readWebSearches(stated))
    }
    return isObject(chunk.usage) && Array.isArray(chunk.choices) && chunk.choices.length === 0 ? 'usage-only' : 'other'
  }

  return {
    onEvent,
    reading: () => ({
      ...told,
      complete: told.complete && told.error === null,
      ...(audio && { audio }),
      ...(images && { images }),
      ...(tier && { tier }),
    }),
  }
}

/** OpenRouter finishes with `error` what broke in the middle. */
function isFinish(reason: unknown): boolean {
  return textOf(reason) !== null && reason !== 'error'
}

function readBody(reply: JsonReply): ReplyReading {
  const stated = reply.member('usage') ?? objectOf(reply.member('x_groq')).usage
  const usage = readUsage(stated)
  const error = reply.member('error')
  const audio = readAudio(stated)
  const tier = tierOf(reply.member('service_tier'))
  return {
    usage,
    outputReported: usage !== null,
    model: textOf(reply.member('model')),
    statedCostUsd: readStatedCost(stated),
    error: readError({
      error,
      object: reply.member('object'),
      code: reply.member('code'),
      type: reply.member('type'),
      message: reply.member('message'),
    }),
    complete: reply.isWhole(),
    webSearches: readWebSearches(stated),
    ...(audio && { audio }),
    ...(madeImages(stated) && { images: true }),
    ...(tier && { tier }),
    keptAs: null,
    quota: isObject(error) ? { error } : null,
  }
}

/** `{error: {code, type, message}}`; Ollama writes `{error: "…"}`; Mistral puts the members on top with `object: "error"`. */
function readError(body: Record<string, unknown>): { code: string; message: string } | null {
  const plain = textOf(body.error)
  if (plain !== null) return { code: 'error', message: plain }
  const error = isObject(body.error) ? body.error : body.object === 'error' ? body : undefined
  if (error === undefined) return null
  const code = typeof error.code === 'number' ? String(error.code) : textOf(error.code)
  return { code: code ?? textOf(error.type) ?? 'error', message: textOf(error.message) ?? '' }
}

function wordsOf(value: unknown): string {
  let words = ''
  for (const choice of listOf(objectOf(value).choices).map(objectOf)) {
    const said = objectOf(choice.delta ?? choice.message)
    for (const text of [choice.text, said.content, said.refusal, said.reasoning ?? said.reasoning_content]) {
      words += textOf(text) ?? ''
    }
    for (const call of listOf(said.tool_calls)) {
      const tool = objectOf(objectOf(call).function)
      words += (textOf(tool.name) ?? '') + (textOf(tool.arguments) ?? '')
    }
  }
  return words
}
