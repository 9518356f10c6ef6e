/** A JSON schema as a person reads it: the shape of the value, a field a line. */
import type { Schema } from '../../shared/contract/openapi.ts'

/** `{ name?: string }` and so on; a mark behind the name says that the field may be absent. */
export function schemaText(schema: Schema, indent = ''): string {
  if ('const' in schema) return JSON.stringify(schema.const)
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  const choices = schema.oneOf ?? schema.anyOf
  if (Array.isArray(choices)) return choices.map((choice) => schemaText(partOf(choice), indent)).join(' | ')
  const types = (Array.isArray(schema.type) ? schema.type : [schema.type]).map(String)
  return types.map((type) => typeText(type, schema, indent)).join(' | ')
}

function typeText(type: string, schema: Schema, indent: string): string {
  if (type === 'undefined') return 'any JSON'
  if (type === 'array') {
    const item = schemaText(partOf(schema.items), indent)
    return item.includes(' | ') && !item.startsWith('{') ? `(${item})[]` : `${item}[]`
  }
  if (type !== 'object') return type
  const fields = Object.entries(partOf(schema.properties))
  if (fields.length === 0) return `{ [name]: ${schemaText(partOf(schema.additionalProperties), indent)} }`
  const required: unknown[] = Array.isArray(schema.required) ? schema.required : []
  const inner = `${indent}  `
  const lines = fields.map(
    ([name, field]) => `${inner}${name}${required.includes(name) ? '' : '?'}: ${schemaText(partOf(field), inner)}`,
  )
  return `{\n${lines.join('\n')}\n${indent}}`
}

/** What stands where a schema or a map of schemas may stand; `true` and nothing are the schema that takes anything. */
function partOf(value: unknown): Schema {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
