/** Tells holders of our keys which models they may ask for, in their dialect's words. */
import type { ServerResponse } from 'node:http'
import type { OfferedModel } from '../dialects/dialect.ts'
import type { No } from './refuse.ts'
import type { CallRoute } from './routes.ts'

export function answerModels(
  response: ServerResponse,
  requestId: string,
  { dialect, endpoint, named }: CallRoute,
  models: readonly OfferedModel[],
  now: number,
  no: (why: No) => void,
): void {
  if (endpoint.models === 'list') return write(dialect.listModels(models, now))
  const asked = named ?? ''
  const model = models.find(({ name }) => name === asked)
  if (model) return write(dialect.showModel(model, now))
  const shown = JSON.stringify(asked.slice(0, 200))
  no({
    code: 'not_found',
    detail: `There is no model ${shown} for this key. The list of models names those there are.`,
  })

  function write(body: string): void {
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'x-tollkeeper-request-id': requestId,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    response.end(body)
  }
}
