/** Which other names a model may have its price under, where its own has none. */

export type Name = { catalogueId: string | null; model: string }

/** Makers whose price OpenRouter passes on, each with one name there and in the catalogue. */
const makers = new Set(['openai', 'anthropic', 'google', 'x-ai'])

/** The nearest first. */
export function* otherNames(own: Name, webSearches: number): Generator<Name> {
  yield* undated(own)
  for (const name of soldAs(own, webSearches)) {
    yield name
    yield* undated(name)
  }
}

function* soldAs({ catalogueId, model }: Name, webSearches: number): Generator<Name> {
  if (catalogueId === 'google' && model.startsWith('models/')) yield { catalogueId, model: model.slice(7) }
  // A deployment at Azure is often named after its model, and sold at OpenAI's price.
  if (catalogueId === 'azure') yield { catalogueId: 'openai', model }
  if (catalogueId !== 'openrouter') return
  // These choose among the hosts of a model. `:online` is none of them: its searches cost extra.
  const base = model.replace(/:(nitro|floor|exacto)$/, '')
  if (base !== model) yield { catalogueId, model: base }
  // Of searches it has prices of its own.
  if (webSearches > 0) return
  const [maker, own] = base.split('/')
  if (maker === undefined || own === undefined || !makers.has(maker) || own.includes(':')) return
  yield { catalogueId: maker, model: maker === 'anthropic' ? own.replaceAll('.', '-') : own }
}

/** Without a snapshot's date: `gpt-5-2026-12-01`, `claude-sonnet-9-20261201`, `claude-sonnet-9@20261201`. */
function* undated({ catalogueId, model }: Name): Generator<Name> {
  const cut = model.replace(/(-20\d\d-[01]\d-[0-3]\d|[-@]20\d\d[01]\d[0-3]\d)$/, '')
  if (cut !== model && cut !== '') yield { catalogueId, model: cut }
}
