/** What the sandbox takes from a request of Chat Completions or Messages; the rest it ignores, as it thinks of nothing. */

export type ForcedTool = { name: string; input: Record<string, unknown> }

export type Ask = {
  model: string
  stream: boolean
  /** A Chat Completions stream tells usage only when asked. */
  includeUsage: boolean
  maxTokens: number
  /** The last thing the user said. */
  question: string
  /** All text that was sent, for counting. */
  promptLength: number
  /** What later requests of the same conversation begin with too: what a cache would hold. */
  opening: string
  /** How long the caller wants its prompt cached; null: it marked nothing. */
  cacheFor: '5m' | '1h' | null
  tool: ForcedTool | null
  /** It thinks first, and its thoughts are part of the answer or not. */
  thinks?: 'shown' | 'hidden'
}

/** A refusal of the request itself: the sentence names what is wrong with it. */
export type BadAsk = { bad: string }

export type Fields = Record<string, unknown>

export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {}
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function readAsk(dialect: 'openai' | 'anthropic', body: Buffer): Ask | BadAsk {
  const fields = parsedFields(body)
  if (isBad(fields)) return fields
  if (!Array.isArray(fields.messages) || fields.messages.length === 0) {
    return { bad: 'messages: Field required, a list with at least one message.' }
  }
  const messages = fields.messages.map(fieldsOf)
  const asked = fields.max_completion_tokens ?? fields.max_tokens
  const maxTokens = typeof asked === 'number' && asked >= 1 ? asked : Infinity
  const text = JSON.stringify([fields.system, fields.messages, fields.tools])
  return {
    model: fields.model,
    stream: fields.stream === true,
    includeUsage: fieldsOf(fields.stream_options).include_usage === true,
    maxTokens,
    question: textIn(messages.findLast((message) => message.role === 'user')?.content).trim(),
    promptLength: text.length,
    opening: JSON.stringify([fields.system, fields.messages[0]]),
    cacheFor: !text.includes('"cache_control"') ? null : text.includes('"ttl":"1h"') ? '1h' : '5m',
    tool: dialect === 'openai' ? forcedByOpenai(fields) : forcedByAnthropic(fields),
  }
}

/** The body's members, of which the model is a text. */
export function parsedFields(body: Buffer): (Fields & { model: string }) | BadAsk {
  const fields = parsedObject(body)
  if (fields === undefined)
    return { bad: 'The body is not a JSON object. Send one, with content-type application/json.' }
  const { model } = fields
  return typeof model === 'string' && model !== '' ? { ...fields, model } : { bad: 'model: Field required, a string.' }
}

export function isBad(read: object): read is BadAsk {
  return 'bad' in read && !('model' in read)
}

export function parsedObject(body: Buffer): Fields | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    return isFields(value) ? value : undefined
  } catch {
    // The caller answers what is no JSON with a sentence of its own.
    return undefined
  }
}

export function textIn(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  const texts = content.map((part) => fieldsOf(part).text)
  return texts.filter((text) => typeof text === 'string').join(' ')
}

function forcedByOpenai(fields: Fields): ForcedTool | null {
  const functions = (Array.isArray(fields.tools) ? fields.tools : []).map((tool) => fieldsOf(fieldsOf(tool).function))
  const wanted = fieldsOf(fieldsOf(fields.tool_choice).function).name
  const chosen = fields.tool_choice === 'required' ? functions[0] : functions.find((tool) => tool.name === wanted)
  return chosen === undefined || typeof chosen.name !== 'string'
    ? null
    : { name: chosen.name, input: inputFor(chosen.parameters) }
}

function forcedByAnthropic(fields: Fields): ForcedTool | null {
  const tools = (Array.isArray(fields.tools) ? fields.tools : []).map(fieldsOf)
  const choice = fieldsOf(fields.tool_choice)
  const chosen =
    choice.type === 'any' ? tools[0] : tools.find((tool) => choice.type === 'tool' && tool.name === choice.name)
  return chosen === undefined || typeof chosen.name !== 'string'
    ? null
    : { name: chosen.name, input: inputFor(chosen.input_schema) }
}

/** Something for each property that the schema requires, one level deep. */
export function inputFor(schema: unknown): Record<string, unknown> {
  const { properties, required } = fieldsOf(schema)
  const names = (Array.isArray(required) ? required : []).filter((name) => typeof name === 'string')
  return Object.fromEntries(names.map((name) => [name, valueFor(fieldsOf(fieldsOf(properties)[name]))]))
}

function valueFor(schema: Fields): unknown {
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return schema.enum[0] as unknown
  // Google writes the names of types large
  switch (typeof schema.type === 'string' ? schema.type.toLowerCase() : undefined) {
    case 'number':
    case 'integer':
      return 1
    case 'boolean':
      return true
    case 'array':
      return []
    case 'object':
      return {}
    default:
      return 'simulated'
  }
}
