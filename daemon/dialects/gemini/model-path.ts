/** Puts another model name where a Gemini request names its model: in the path, and in bodies that name it once more. */
import type { PathAndBody, Span } from '../dialect.ts'
import { elementsOf, type Members, membersOf } from '../json-scan.ts'
import { withSpans } from '../splice.ts'

const namesModel = /^((?:.*?\/)?(?:models|tunedModels)\/)(.+)((?::|%3[Aa])[A-Za-z]+)$/

export function withModel({ rest, body }: PathAndBody, model: string): PathAndBody {
  // a slash within the name stays one: Google's own names are made of such segments
  const name = model.split('/').map(encodeURIComponent).join('/')
  return {
    rest: rest.replace(namesModel, (_, before: string, _asked: string, after: string) => `${before}${name}${after}`),
    body: withSpans(body, spansNaming(body), JSON.stringify(`models/${model}`)),
  }
}

/**
 * Embeddings name their model in each request of a batch too, a token count in the request that it counts, and Google wants it
 * to be the path's (https://ai.google.dev/api/embeddings).
 */
function spansNaming(body: Uint8Array): Span[] {
  const top = membersOf(body)
  if (top === undefined) return []
  const at = (key: string): readonly Span[] => {
    const span = top.get(key)
    return span === undefined ? [] : [span]
  }
  const inside = [
    ...at('requests').flatMap((list) => elementsOf(body, list)),
    ...at('generateContentRequest'),
    ...at('generate_content_request'),
  ].map(({ from, to }) => membersOf(body, from, to))
  return [top, ...inside].flatMap(modelIn).sort((one, other) => one.from - other.from)
}

function modelIn(members: Members | undefined): Span[] {
  const span = members?.get('model')
  return span === undefined ? [] : [span]
}
