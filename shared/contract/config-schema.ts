/** The JSON Schema of `config.jsonc`, for completion and checks in editors; made from what the daemon itself checks with. */
import * as z from 'zod/mini'
import { config } from './config.ts'

export function configSchema(): Record<string, unknown> {
  const schema: Record<string, unknown> = { ...z.toJSONSchema(config, { io: 'input', target: 'draft-7' }) }
  return { ...schema, title: 'Tollkeeper config.jsonc', allowComments: true, allowTrailingCommas: true }
}
