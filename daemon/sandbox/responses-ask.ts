/** What the sandbox takes from a Responses request. */
import {
  type Ask,
  type BadAsk,
  type Fields,
  type ForcedTool,
  fieldsOf,
  inputFor,
  isBad,
  parsedFields,
  textIn,
} from './ask.ts'

export function readResponsesAsk(body: Buffer): Ask | BadAsk {
  const fields = parsedFields(body)
  if (isBad(fields)) return fields
  const { input, instructions, tools, max_output_tokens: asked } = fields
  const items: unknown[] =
    typeof input === 'string' ? [{ role: 'user', content: input }] : Array.isArray(input) ? input : []
  if (items.length === 0) return { bad: 'input: Field required, a string or a list with at least one item.' }
  return {
    model: fields.model,
    stream: fields.stream === true,
    includeUsage: true,
    maxTokens: typeof asked === 'number' && asked >= 1 ? asked : Infinity,
    question: textIn(items.map(fieldsOf).findLast((item) => item.role === 'user')?.content).trim(),
    promptLength: JSON.stringify([instructions, input, tools]).length,
    opening: JSON.stringify([instructions, items[0]]),
    cacheFor: null,
    tool: forcedBy(fields),
  }
}

/** Here a function's members stand in the tool itself. */
function forcedBy({ tools, tool_choice: choice }: Fields): ForcedTool | null {
  const functions = (Array.isArray(tools) ? tools : []).map(fieldsOf).filter((tool) => tool.type === 'function')
  const wanted = fieldsOf(choice).name
  const chosen = choice === 'required' ? functions[0] : functions.find((tool) => tool.name === wanted)
  return chosen === undefined || typeof chosen.name !== 'string'
    ? null
    : { name: chosen.name, input: inputFor(chosen.parameters) }
}
