/** Makes vectors of texts: the same text gives the same numbers, and they mean nothing (platform.openai.com/docs/api-reference/embeddings). */
import { createHash } from 'node:crypto'
import { type BadAsk, isBad, parsedFields } from './ask.ts'
import { openaiVoice } from './openai-voice.ts'
import type { Heard } from './voice.ts'

const defaultDimensions = 1536
const mostDimensions = 4096
const mostInputs = 2048

export function readEmbeddings(body: Buffer): Heard | BadAsk {
  const fields = parsedFields(body)
  if (isBad(fields)) return fields
  const inputs = textsOf(fields.input)
  if (inputs === undefined) {
    return { bad: `input: Field required, a text or tokens, or a list of 1 to ${mostInputs} of them.` }
  }
  const dimensions = fields.dimensions ?? defaultDimensions
  if (
    typeof dimensions !== 'number' ||
    !Number.isInteger(dimensions) ||
    dimensions < 1 ||
    dimensions > mostDimensions
  ) {
    return { bad: `dimensions: A whole number from 1 to ${mostDimensions}.` }
  }
  const written = fields.encoding_format === 'base64' ? inBase64 : (vector: Float32Array) => [...vector]
  const length = inputs.reduce((sum, text) => sum + text.length, 0)
  return {
    ask: {
      model: fields.model,
      stream: false,
      includeUsage: false,
      // no word is said
      maxTokens: 0,
      question: '',
      promptLength: length,
      opening: inputs.join('\n'),
      cacheFor: null,
      tool: null,
    },
    voice: {
      ...openaiVoice,
      contentBody: ({ model, usage }) => {
        const tokens = usage.input + usage.cacheRead
        const data = inputs.map((text, index) => ({
          object: 'embedding',
          index,
          embedding: written(vectorOf(text, dimensions)),
        }))
        return JSON.stringify({ object: 'list', data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } })
      },
    },
  }
}

/** One text or one list of tokens, or a list of either. */
function textsOf(input: unknown): string[] | undefined {
  if (typeof input === 'string') return [input]
  if (!Array.isArray(input) || input.length === 0) return undefined
  if (input.every((one) => typeof one === 'number')) return [JSON.stringify(input)]
  const texts = input.map((one: unknown) =>
    typeof one === 'string' ? one : Array.isArray(one) ? JSON.stringify(one) : null,
  )
  return texts.length <= mostInputs && texts.every((text) => text !== null) ? texts : undefined
}

/** Of length 1, as real ones are. */
function vectorOf(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions)
  for (let from = 0; from < dimensions; from += 8) {
    const digest = createHash('sha256').update(`${from}:${text}`).digest()
    for (let i = 0; i < 8 && from + i < dimensions; i++) vector[from + i] = digest.readInt32LE(i * 4) / 2 ** 31
  }
  const length = Math.hypot(...vector) || 1
  return vector.map((number) => number / length)
}

/** Little-endian, as the SDKs decode it, whatever this machine is. */
function inBase64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4)
  vector.forEach((number, i) => bytes.writeFloatLE(number, i * 4))
  return bytes.toString('base64')
}
