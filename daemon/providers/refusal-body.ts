/** Finds what an error calls itself in the forms that providers and their gateways give it. Never throws. */
import { fieldOf, firstOf, listOf, textOf } from './json-fields.ts'

export type ErrorSaid = {
  /** Codes, types and reasons, the most exact ones first. */
  words: readonly string[]
  /** Empty: there is none. */
  message: string
  /** What the error says its HTTP status is; null: it does not. */
  status: number | null
}

const longestWord = 100
const longestMessage = 1000

/**
 * `{error: {code, type, message}}` of OpenAI's and Anthropic's formats; Gemini's `{error: {code: 429, status, details}}`, in a list
 * where a stream was asked for; OpenRouter's with `metadata`; `{response: {error}}` of a Responses stream; flat ones of Mistral and
 * xAI; `{error: "text"}` of Ollama; `{detail: "text"}` of Codex.
 */
export function readError(json: unknown): ErrorSaid {
  const body = firstOf(json)
  const error = errorIn(body)
  const metadata = fieldOf(error, 'metadata')
  const found = [
    fieldOf(fieldOf(error, 'details'), 'error_code'),
    ...listOf(error, 'details').map((detail) => fieldOf(detail, 'reason')),
    fieldOf(metadata, 'reason'),
    fieldOf(metadata, 'limit_source'),
    fieldOf(metadata, 'error_type'),
    fieldOf(error, 'code'),
    fieldOf(error, 'type'),
    fieldOf(error, 'status'),
  ]
  return { words: found.flatMap(wordOf), message: messageOf(error, body), status: statusIn(error, body) }
}

function errorIn(body: unknown): unknown {
  for (const error of [fieldOf(body, 'error'), fieldOf(fieldOf(body, 'response'), 'error')]) {
    if (typeof error === 'object' && error !== null) return error
  }
  return body
}

function wordOf(value: unknown): string[] {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return [String(value)]
  return typeof value === 'string' && value !== '' ? [value.slice(0, longestWord)] : []
}

function messageOf(error: unknown, body: unknown): string {
  const said = textOf(error, 'message') ?? textOf(body, 'error') ?? textOf(body, 'detail') ?? textOf(body, 'message')
  return said?.slice(0, longestMessage) ?? ''
}

function statusIn(error: unknown, body: unknown): number | null {
  const found = [
    fieldOf(error, 'code'),
    fieldOf(error, 'status'),
    fieldOf(body, 'status_code'),
    fieldOf(body, 'status'),
  ]
  return found.find((one): one is number => Number.isInteger(one) && Number(one) >= 400 && Number(one) < 600) ?? null
}
