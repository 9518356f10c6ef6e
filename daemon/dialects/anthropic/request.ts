/** Reads what a Messages request tells. */
import type { RequestFacts } from '../dialect.ts'
import { holdsOneOf, type Members, memberOf, membersOf, wordsOf } from '../json-scan.ts'
import { countOf, type JsonObject, listOf, objectOf, parsed, parsedBytes, textOf } from '../loose-json.ts'
import { tierOf } from '../tier.ts'
import { withinOf } from '../within.ts'

export function readRequest(body: Uint8Array): RequestFacts | undefined {
  const members = membersOf(body)
  if (members === undefined) return undefined
  const messages = messagesOf(body, members)
  const container = memberOf(body, members, 'container')
  const facts: RequestFacts = {
    model: textOf(memberOf(body, members, 'model')),
    stream: memberOf(body, members, 'stream') === true,
    asksUsage: true,
    hasImages: messages.hasImages,
    // A code-execution container and uploaded files belong to the account that made them.
    serverState: messages.namesFile || (container !== undefined && container !== null && container !== ''),
    goesOnFrom: null,
    ...callerOf(memberOf(body, members, 'metadata')),
    maxOutput: countOf(memberOf(body, members, 'max_tokens')) ?? null,
  }
  // its fast mode is a speed of the standard tier
  const tier = tierOf(memberOf(body, members, 'speed')) ?? tierOf(memberOf(body, members, 'service_tier'))
  if (tier !== undefined) facts.tier = tier
  const within = withinOf(memberOf(body, members, 'inference_geo'))
  if (within !== undefined) facts.within = within
  return facts
}

const joinedUserId = /^user_[0-9a-z]*_account_([0-9a-z-]*)_session_([0-9a-z-]*)$/i

/**
 * Claude Code tells session and account in `metadata.user_id`: newer ones (2025-12) as the JSON text of an object, older ones
 * joined by underscores. The account is empty behind a foreign base URL, and then counts as absent.
 */
function callerOf(metadata: unknown): Pick<RequestFacts, 'session' | 'wireAccount'> {
  const userId = textOf(objectOf(metadata).user_id)
  if (userId === null) return { session: null, wireAccount: null }
  if (userId.startsWith('{')) {
    const caller = objectOf(parsed(userId))
    return { session: textOf(caller.session_id), wireAccount: textOf(caller.account_uuid) }
  }
  const joined = joinedUserId.exec(userId)
  return { session: textOf(joined?.[2]), wireAccount: textOf(joined?.[1]) }
}

const hints = wordsOf('image', 'file_id')

/** Messages are parsed only where their bytes hint at a picture or an uploaded file. */
function messagesOf(body: Uint8Array, members: Members): { hasImages: boolean; namesFile: boolean } {
  const at = members.get('messages')
  if (at === undefined || !holdsOneOf(body, at, hints)) return { hasImages: false, namesFile: false }
  const blocks = listOf(parsedBytes(body, at.from, at.to))
    .flatMap((message) => listOf(objectOf(message).content))
    .map(objectOf)
  // A tool's result may hold blocks of its own, one level down.
  const all: JsonObject[] = [...blocks, ...blocks.flatMap((block) => listOf(block.content)).map(objectOf)]
  return {
    hasImages: all.some((block) => block.type === 'image'),
    namesFile: all.some((block) => textOf(block.file_id) !== null || textOf(objectOf(block.source).file_id) !== null),
  }
}
