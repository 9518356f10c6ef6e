/** Writes lists of models as Google does (https://ai.google.dev/api/models). */
import type { OfferedModel } from '../dialect.ts'

export function listModels(models: readonly OfferedModel[]): string {
  return JSON.stringify({ models: models.map(rowOf) })
}

export function showModel(model: OfferedModel): string {
  return JSON.stringify(rowOf(model))
}

function rowOf({ name, provider }: OfferedModel): object {
  const embeds = /embed/i.test(name)
  return {
    name: `models/${name}`,
    displayName: `${name} (${provider})`,
    supportedGenerationMethods: embeds ? ['embedContent', 'batchEmbedContents'] : ['generateContent', 'countTokens'],
  }
}
