/** Reads what a Chat Completions request tells, and asks for usage in its bytes. */
import type { RequestFacts } from '../dialect.ts'
import { holdsOneOf, type Members, memberOf, membersOf, wordsOf } from '../json-scan.ts'
import { countOf, isObject, listOf, objectOf, parsedBytes, textOf } from '../loose-json.ts'
import { withMember } from '../splice.ts'
import { tierOf } from '../tier.ts'

export function readRequest(body: Uint8Array): RequestFacts | undefined {
  const members = membersOf(body)
  if (members === undefined) return undefined
  const messages = messagesOf(body, members)
  const facts: RequestFacts = {
    model: textOf(memberOf(body, members, 'model')),
    stream: memberOf(body, members, 'stream') === true,
    asksUsage: objectOf(memberOf(body, members, 'stream_options')).include_usage === true,
    hasImages: messages.hasImages,
    serverState: messages.serverState,
    goesOnFrom: null,
    // OpenRouter groups a conversation's calls under it; OpenAI itself has no such field.
    session: textOf(memberOf(body, members, 'session_id')),
    wireAccount: null,
    maxOutput: maxOutputOf(body, members),
  }
  const tier = tierOf(memberOf(body, members, 'service_tier'))
  if (tier !== undefined) facts.tier = tier
  return facts
}

/** The most is said of one answer, and `n` of them may be asked for. */
function maxOutputOf(body: Uint8Array, members: Members): number | null {
  const count = (name: string) => countOf(memberOf(body, members, name))
  const most = count('max_completion_tokens') ?? count('max_tokens')
  return most === undefined ? null : most * Math.max(1, count('n') ?? 1)
}

/**
 * The bytes with `stream_options.include_usage` true; undefined where nothing needs asking. The spans are found anew, so
 * `body` may already carry another model name than the one that was read.
 */
export function withUsageAsked(body: Uint8Array, facts: RequestFacts): Uint8Array | undefined {
  if (!facts.stream || facts.asksUsage) return undefined
  const members = membersOf(body)
  if (members === undefined) return undefined
  const at = members.get('stream_options')
  const options = at === undefined ? undefined : membersOf(body, at.from, at.to)
  if (at === undefined || options === undefined) {
    return withMember(body, members, 'stream_options', '{"include_usage":true}')
  }
  return withMember(body, options, 'include_usage', 'true', at.from)
}

const hints = wordsOf('image_url', 'file_id', 'audio')

/** Messages are parsed only where their bytes hint at a picture or at something the provider keeps. */
function messagesOf(body: Uint8Array, members: Members): { hasImages: boolean; serverState: boolean } {
  const at = members.get('messages')
  if (at === undefined || !holdsOneOf(body, at, hints)) return { hasImages: false, serverState: false }
  const messages = listOf(parsedBytes(body, at.from, at.to)).map(objectOf)
  const parts = messages.flatMap((message) => listOf(message.content)).map(objectOf)
  return {
    hasImages: parts.some((part) => part.type === 'image_url'),
    serverState:
      parts.some((part) => textOf(objectOf(part.file).file_id) !== null) ||
      // An assistant's earlier spoken answer is named by its id.
      messages.some((message) => isObject(message.audio) && textOf(message.audio.id) !== null),
  }
}
