/** What the dashboard page may say to the extension, checked: the page asks for reading, and for nothing else. */
import * as z from 'zod/mini'
import type { Endpoint } from '../../shared/contract/endpoint.ts'
import { type EndpointName, endpoints } from '../../shared/contract/endpoints/index.ts'

const said = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('ask'), id: z.int(), name: z.string(), ask: z.optional(z.unknown()) }),
])

export type PageMessage =
  | { type: 'ready' }
  /** `ask` as the page gave it: the daemon checks it against the row's schema. */
  | { type: 'ask'; id: number; name: EndpointName; ask: object }
  | { type: 'refused'; id: number; why: string }

export function readPageMessage(data: unknown): PageMessage | undefined {
  const read = said.safeParse(data)
  if (!read.success) return undefined
  if (read.data.type === 'ready') return { type: 'ready' }
  const { id, name, ask } = read.data
  if (!isReadable(name)) return { type: 'refused', id, why: `The page may not ask for '${name}'.` }
  return { type: 'ask', id, name, ask: typeof ask === 'object' && ask !== null ? ask : {} }
}

function isReadable(name: string): name is EndpointName {
  if (!Object.hasOwn(endpoints, name)) return false
  const row: Endpoint = endpoints[name as EndpointName]
  return row.method === 'GET' && row.auth === 'read'
}
