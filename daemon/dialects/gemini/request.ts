/** Reads what a Gemini request tells. Google takes every field in camelCase and in snake_case. */
import type { AskedAt, RequestFacts } from '../dialect.ts'
import { elementsOf, holdsOneOf, type Members, memberOf, membersOf, wordsOf } from '../json-scan.ts'
import { countOf, type JsonObject, listOf, objectOf, parsedBytes, textOf } from '../loose-json.ts'
import { tierOf } from '../tier.ts'

/** Model and streaming stand in the path. */
export function readRequest(body: Uint8Array, { endpoint, named }: AskedAt): RequestFacts | undefined {
  const members = membersOf(body)
  if (members === undefined) return undefined
  const parts = attachmentsIn(body, members)
  const config = objectOf(memberOf(body, members, 'generationConfig') ?? memberOf(body, members, 'generation_config'))
  const cached = memberOf(body, members, 'cachedContent') ?? memberOf(body, members, 'cached_content')
  const facts: RequestFacts = {
    model: named,
    stream: endpoint.streams === true,
    asksUsage: true,
    hasImages: parts.some(({ mimeType }) => mimeType?.startsWith('image/')),
    // Cached contents, uploaded files and file search stores belong to the project that made them.
    serverState: textOf(cached) !== null || parts.some(({ uri }) => isUploaded(uri)) || searchesStore(body, members),
    goesOnFrom: null,
    session: null,
    wireAccount: null,
    maxOutput: maxOutputOf(config),
  }
  const tier = tierOf(memberOf(body, members, 'serviceTier') ?? memberOf(body, members, 'service_tier'))
  if (tier !== undefined) facts.tier = tier
  return facts
}

/** The most is said of one candidate, and several may be asked for. */
function maxOutputOf(config: JsonObject): number | null {
  const most = countOf(config.maxOutputTokens) ?? countOf(config.max_output_tokens)
  const candidates = countOf(config.candidateCount) ?? countOf(config.candidate_count) ?? 1
  return most === undefined ? null : most * Math.max(1, candidates)
}

type Attachment = { mimeType: string | null; uri: string | null }

const attachmentHints = wordsOf('inlineData', 'inline_data', 'fileData', 'file_data')

/** Contents are parsed only where their bytes hint at an attachment. */
function attachmentsIn(body: Uint8Array, members: Members): Attachment[] {
  const found: Attachment[] = []
  for (const key of ['contents', 'content', 'requests']) {
    const at = members.get(key)
    if (at === undefined || !holdsOneOf(body, at, attachmentHints)) continue
    const value = parsedBytes(body, at.from, at.to)
    for (const content of Array.isArray(value) ? value : [value]) found.push(...attachmentsOf(objectOf(content)))
  }
  return found
}

/** `content`: of a conversation, or a request of a batch of embeddings, which holds one. */
function attachmentsOf(content: JsonObject): Attachment[] {
  const parts = listOf(content.parts ?? objectOf(content.content).parts).map(objectOf)
  // a function's answer may bring attachments of its own, one level down
  const answers = parts.map((part) => objectOf(part.functionResponse ?? part.function_response))
  return [...parts, ...answers.flatMap(({ parts: inner }) => listOf(inner)).map(objectOf)].map((part) => {
    const data = objectOf(part.inlineData ?? part.inline_data ?? part.fileData ?? part.file_data)
    return { mimeType: textOf(data.mimeType ?? data.mime_type), uri: textOf(data.fileUri ?? data.file_uri) }
  })
}

/** Other addresses, of videos and buckets, are the same for every account. */
function isUploaded(uri: string | null): boolean {
  return uri !== null && /(?:^|\/v1(?:beta)?\/)files\//.test(uri)
}

const storeHints = wordsOf('fileSearchStoreNames', 'file_search_store_names')

function searchesStore(body: Uint8Array, members: Members): boolean {
  const at = members.get('tools')
  return at !== undefined && elementsOf(body, at).some((tool) => holdsOneOf(body, tool, storeHints))
}
