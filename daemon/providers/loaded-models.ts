/** How model servers on one's own machine or network say which models they hold in memory: where to ask, and how to read the answer. */
import { splitBaseUrl } from './base-url.ts'
import { fieldOf } from './json-fields.ts'

/**
 * What a look at such a server found; `at` in epoch ms. `models`: those that it has loaded, null where it does not say.
 * `why` ends the sentence "the server … it …".
 */
export type ServerLook =
  | { at: number; latencyMs: number; models: readonly string[] | null }
  | { at: number; why: string }

/** `read` answers null where the body is not of this form: then another one may be. */
export type LoadedForm = { urlOf(origin: string, baseUrl: string): string; read(body: unknown): string[] | null }

/** More are not told. */
const mostModels = 50
const longestName = 200

export const loadedForms: readonly LoadedForm[] = [
  // Ollama, https://docs.ollama.com/api/ps (2026-11)
  { urlOf: (origin) => `${origin}/api/ps`, read: (body) => namesIn(listIn(body, 'models'), 'name') },
  // LM Studio since 0.3.6, https://lmstudio.ai/docs/developer/rest (2026-11): its list for OpenAI's clients names what is on the disk, too
  {
    urlOf: (origin) => `${origin}/api/v0/models`,
    read(body) {
      const rows = listIn(body, 'data')
      if (!rows?.every((row) => typeof fieldOf(row, 'state') === 'string')) return null
      return namesIn(
        rows.filter((row) => fieldOf(row, 'state') === 'loaded'),
        'id',
      )
    },
  },
  // llama.cpp, vLLM and others of the kind serve what they have loaded, and list that
  { urlOf: (_origin, baseUrl) => `${baseUrl}/models`, read: (body) => namesIn(listIn(body, 'data'), 'id') },
]

/** Where a form is asked for at this provider; its base URL is one that the config has been checked with. */
export function urlOf(form: LoadedForm, baseUrl: string): string {
  const split = splitBaseUrl(baseUrl)
  return form.urlOf('bad' in split ? baseUrl : split.origin, baseUrl)
}

function listIn(body: unknown, name: string): readonly unknown[] | null {
  const list = fieldOf(body, name)
  return Array.isArray(list) ? (list as readonly unknown[]) : null
}

function namesIn(rows: readonly unknown[] | null, field: string): string[] | null {
  const names = rows?.map((row) => fieldOf(row, field))
  if (!names?.every((name) => typeof name === 'string')) return null
  return names.slice(0, mostModels).map((name) => name.slice(0, longestName))
}
