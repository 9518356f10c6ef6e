/** Reads what a Responses request tells. */
import type { RequestFacts } from '../dialect.ts'
import { holdsOneOf, type Members, memberOf, membersOf, wordsOf } from '../json-scan.ts'
import { countOf, isObject, type JsonObject, listOf, objectOf, parsedBytes, textOf } from '../loose-json.ts'
import { tierOf } from '../tier.ts'

export function readRequest(body: Uint8Array): RequestFacts | undefined {
  const members = membersOf(body)
  if (members === undefined) return undefined
  const member = (key: string): unknown => memberOf(body, members, key)
  const input = inputOf(body, members)
  const goesOnFrom = textOf(member('previous_response_id'))
  const conversation = member('conversation')
  const facts: RequestFacts = {
    model: textOf(member('model')),
    stream: member('stream') === true,
    asksUsage: true,
    hasImages: input.hasImages,
    serverState:
      goesOnFrom !== null ||
      textOf(isObject(conversation) ? conversation.id : conversation) !== null ||
      // a prompt template belongs to the project that it was written in
      textOf(objectOf(member('prompt')).id) !== null ||
      input.namesStored ||
      toolsNameStored(body, members),
    goesOnFrom,
    // OpenRouter groups a conversation's calls under it; `prompt_cache_key` may stand for many
    session: textOf(member('session_id')),
    wireAccount: null,
    maxOutput: countOf(member('max_output_tokens')) ?? null,
  }
  if (input.isSealed) facts.sealed = true
  const tier = tierOf(member('service_tier'))
  if (tier !== undefined) facts.tier = tier
  return facts
}

const inputHints = wordsOf(
  'input_image',
  'computer_screenshot',
  'file_id',
  'container_id',
  'item_reference',
  'encrypted_content',
)

/** The input is parsed only where its bytes hint at a picture or at something the provider keeps. */
function inputOf(body: Uint8Array, members: Members): { hasImages: boolean; namesStored: boolean; isSealed: boolean } {
  const at = members.get('input')
  if (at === undefined || !holdsOneOf(body, at, inputHints))
    return { hasImages: false, namesStored: false, isSealed: false }
  const parts = objectsIn(parsedBytes(body, at.from, at.to))
  return {
    hasImages: parts.some(({ type }) => type === 'input_image' || type === 'computer_screenshot'),
    namesStored: parts.some(
      ({ type, file_id, container_id }) =>
        type === 'item_reference' || textOf(file_id) !== null || textOf(container_id) !== null,
    ),
    isSealed: parts.some(({ encrypted_content }) => textOf(encrypted_content) !== null),
  }
}

/** Lists and objects in turn: an input's items, their content, its parts, and what these hold. */
const deepestPart = 6

function objectsIn(value: unknown, levels = deepestPart): JsonObject[] {
  if (levels === 0) return []
  const inside = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []
  const below = inside.flatMap((one) => objectsIn(one, levels - 1))
  return isObject(value) ? [value, ...below] : below
}

const toolHints = wordsOf('container', 'container_id', 'vector_store_ids', 'skill_id', 'input_image_mask')

/** The provider's own tools work on what it keeps: vector stores, containers, files, skills. */
function toolsNameStored(body: Uint8Array, members: Members): boolean {
  const at = members.get('tools')
  if (at === undefined || !holdsOneOf(body, at, toolHints)) return false
  return listOf(parsedBytes(body, at.from, at.to)).some((tool) => {
    const { vector_store_ids, container, environment, input_image_mask } = objectOf(tool)
    const place = objectOf(environment)
    return (
      listOf(vector_store_ids).length > 0 ||
      textOf(container) !== null ||
      listOf(objectOf(container).file_ids).length > 0 ||
      listOf(place.file_ids).length > 0 ||
      textOf(place.container_id) !== null ||
      listOf(place.skills).some((skill) => textOf(objectOf(skill).skill_id) !== null) ||
      textOf(objectOf(input_image_mask).file_id) !== null
    )
  })
}
