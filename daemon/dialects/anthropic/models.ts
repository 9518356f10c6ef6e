/** Writes lists of models as Anthropic does (docs.anthropic.com/en/api/models-list). */
import type { OfferedModel } from '../dialect.ts'

export function listModels(models: readonly OfferedModel[], at: number): string {
  return JSON.stringify({
    data: models.map((model) => rowOf(model, at)),
    has_more: false,
    first_id: models[0]?.name ?? null,
    last_id: models.at(-1)?.name ?? null,
  })
}

export function showModel(model: OfferedModel, at: number): string {
  return JSON.stringify(rowOf(model, at))
}

function rowOf({ name, provider }: OfferedModel, at: number): object {
  return { type: 'model', id: name, display_name: `${name} (${provider})`, created_at: new Date(at).toISOString() }
}
