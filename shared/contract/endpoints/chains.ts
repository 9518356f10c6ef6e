/** `/api/v1/chains`: the chains of the config, each with the routes that lead to it. Edits keep the file's comments. */
import * as z from 'zod/mini'
import type { EndpointTable } from '../endpoint.ts'

const chainRow = z.object({
  name: z.string(),
  /** `provider/model` each, in the order in which they are asked. */
  targets: z.array(z.string()),
  is_default: z.boolean(),
  /** Names and patterns of models that it serves, as they stand in the config. */
  routes: z.array(z.string()),
})
export type ChainRow = z.infer<typeof chainRow>

const chainBody = z.strictObject({
  targets: z.array(z.string()),
  /** Without them, what leads to the chain stays as it is. */
  is_default: z.optional(z.boolean()),
  routes: z.optional(z.array(z.string().check(z.minLength(1), z.maxLength(200)))),
})
export type ChainBody = z.infer<typeof chainBody>

export const chainRows = {
  configuredChains: {
    method: 'GET',
    path: '/api/v1/chains',
    auth: 'read',
    reply: z.object({ chains: z.array(chainRow) }),
    summary: 'All chains, with the routes that lead to them',
    tag: 'config',
  },
  configuredChain: {
    method: 'GET',
    path: '/api/v1/chains/{name}',
    auth: 'read',
    reply: chainRow,
    summary: 'One chain',
    tag: 'config',
  },
  putChain: {
    method: 'PUT',
    path: '/api/v1/chains/{name}',
    auth: 'admin',
    body: chainBody,
    reply: chainRow,
    summary: 'Write a chain into the config, and the routes that are to lead to it',
    tag: 'config',
  },
  removeChain: {
    method: 'DELETE',
    path: '/api/v1/chains/{name}',
    auth: 'admin',
    reply: z.object({ name: z.string(), removed: z.literal(true) }),
    summary: 'Take a chain out of the config; only where no route and no default leads to it',
    tag: 'config',
  },
} as const satisfies EndpointTable
