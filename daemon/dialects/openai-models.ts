/** Writes lists of models as OpenAI does (platform.openai.com/docs/api-reference/models). */
import type { OfferedModel } from './dialect.ts'

export function listModels(models: readonly OfferedModel[], at: number): string {
  return JSON.stringify({ object: 'list', data: models.map((model) => rowOf(model, at)) })
}

export function showModel(model: OfferedModel, at: number): string {
  return JSON.stringify(rowOf(model, at))
}

function rowOf({ name, provider }: OfferedModel, at: number): object {
  return { id: name, object: 'model', created: Math.floor(at / 1000), owned_by: provider }
}
