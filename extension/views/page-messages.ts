/** What the dashboard page may say to the extension, checked: the page asks for reading, and for nothing else. */
import type { Endpoint } from '../../shared/contract/endpoint.ts'
import { type EndpointName, endpoints } from '../../shared/contract/endpoints/index.ts'

export type PageMessage =
  | { type: 'ready' }
  /** `ask` as the page gave it: the daemon checks it against the row's schema. */
  | { type: 'ask'; id: number; name: EndpointName; ask: object }
  | { type: 'refused'; id: number; why: string }

export function readPageMessage(data: unknown): PageMessage | undefined {
  if (typeof data !== 'object' || data === null || !('type' in data)) return undefined
  if (data.type === 'ready') return { type: 'ready' }
  if (data.type !== 'ask' || !('id' in data) || !('name' in data)) return undefined
  const { id, name } = data
  if (typeof id !== 'number' || typeof name !== 'string') return undefined
  if (!isReadable(name)) return { type: 'refused', id, why: `The page may not ask for '${name}'.` }
  const ask = 'ask' in data && typeof data.ask === 'object' && data.ask !== null ? data.ask : {}
  return { type: 'ask', id, name, ask }
}

function isReadable(name: string): name is EndpointName {
  if (!Object.hasOwn(endpoints, name)) return false
  const row: Endpoint = endpoints[name as EndpointName]
  return row.method === 'GET' && row.auth === 'read'
}
