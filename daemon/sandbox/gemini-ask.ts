/** What the sandbox takes from a request of Gemini's dialect: model and action from the path, the rest from the body; and what it counts. */
import { type Ask, type BadAsk, type Fields, type ForcedTool, fieldsOf, inputFor, parsedObject } from './ask.ts'
import { geminiListVoice, geminiVoice } from './gemini-voice.ts'
import type { Heard } from './voice.ts'

const actions = 'generateContent|streamGenerateContent|countTokens|embedContent|batchEmbedContents'
const actionPath = new RegExp(`^/v1(?:beta)?/models/(.+):(${actions})$`)

/** undefined: the path is none of Gemini's actions. */
export function geminiAt(
  method: string | undefined,
  { pathname, searchParams }: URL,
): ((body: Buffer) => Heard | BadAsk) | undefined {
  const [, model, action] = (method === 'POST' && actionPath.exec(pathname)) || []
  if (model === undefined || action === undefined) return undefined
  const asList = action === 'streamGenerateContent' && searchParams.get('alt') !== 'sse'
  const voice = asList ? geminiListVoice : geminiVoice
  return (body) => {
    const sent = parsedObject(body)
    if (sent === undefined) return { bad: 'Invalid JSON payload received. Send a JSON object.' }
    const ask = readGeminiAsk(decodeURIComponent(model), action === 'streamGenerateContent', sent)
    if ('bad' in ask) return ask
    const counted = countedBy(action, contentsOf(sent).length)
    return counted ? { ask, voice, counted } : { ask, voice }
  }
}

function readGeminiAsk(model: string, stream: boolean, sent: Fields): Ask | BadAsk {
  // a token count may hold the whole request that it counts
  const fields = 'generateContentRequest' in sent ? fieldsOf(sent.generateContentRequest) : sent
  const contents = contentsOf(fields)
  if (contents.length === 0) return { bad: '* GenerateContentRequest.contents: contents is not specified' }
  const config = fieldsOf(fields.generationConfig ?? fields.generation_config)
  const most = config.maxOutputTokens ?? config.max_output_tokens
  const thinking = fieldsOf(config.thinkingConfig)
  const system = fields.systemInstruction ?? fields.system_instruction
  const isQuiet = config.thinkingConfig === undefined || thinking.thinkingBudget === 0
  return {
    model,
    stream,
    includeUsage: true,
    maxTokens: typeof most === 'number' && most >= 1 ? most : Infinity,
    question: textIn(contents.findLast(({ role }) => role !== 'model')).trim(),
    promptLength: JSON.stringify([system, contents, fields.tools]).length,
    opening: JSON.stringify([system, contents[0]]),
    cacheFor: null,
    tool: forcedTool(fields),
    ...(isQuiet ? {} : { thinks: thinking.includeThoughts === true ? ('shown' as const) : ('hidden' as const) }),
  }
}

/** What is answered with numbers alone: tokens, or vectors that stand for no meaning. */
function countedBy(action: string, texts: number): Heard['counted'] {
  const vector = (text: number) => ({ values: [0, 1, 2, 3].map((i) => Number(Math.sin(text + i).toFixed(6))) })
  switch (action) {
    case 'countTokens':
      return (tokens) => ({ totalTokens: tokens })
    case 'embedContent':
      return (tokens) => ({ embedding: vector(0), usageMetadata: { promptTokenCount: tokens } })
    case 'batchEmbedContents':
      return (tokens) => ({
        embeddings: Array.from({ length: texts }, (_, text) => vector(text)),
        usageMetadata: { promptTokenCount: tokens },
      })
    default:
      return undefined
  }
}

/** Of a conversation, or those to embed. */
function contentsOf(fields: Fields): Fields[] {
  if (Array.isArray(fields.requests)) return fields.requests.map((one) => fieldsOf(fieldsOf(one).content))
  if (fields.content !== undefined) return [fieldsOf(fields.content)]
  return Array.isArray(fields.contents) ? fields.contents.map(fieldsOf) : []
}

function textIn(content: Fields | undefined): string {
  const parts: unknown = content?.parts
  const texts = (Array.isArray(parts) ? parts : []).map((part) => fieldsOf(part).text)
  return texts.filter((text) => typeof text === 'string').join(' ')
}

function forcedTool(fields: Fields): ForcedTool | null {
  const asked = fieldsOf(fieldsOf(fields.toolConfig ?? fields.tool_config).functionCallingConfig)
  if (asked.mode !== 'ANY') return null
  const allowed: unknown = asked.allowedFunctionNames
  const functions = (Array.isArray(fields.tools) ? fields.tools : [])
    .flatMap((tool) => fieldsOf(tool).functionDeclarations ?? [])
    .map(fieldsOf)
  const chosen = functions.find(({ name }) => !Array.isArray(allowed) || allowed.includes(name))
  if (typeof chosen?.name !== 'string') return null
  return { name: chosen.name, input: inputFor(chosen.parameters ?? chosen.parametersJsonSchema) }
}
