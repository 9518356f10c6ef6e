/** Finds the table row of a request by method and path: what the guard and the mount both go by. */
import type { Endpoint } from '../../shared/contract/endpoint.ts'
import { endpoints } from '../../shared/contract/endpoints/index.ts'

type Row = { endpoint: Endpoint; parts: string[] }

const rows: Row[] = Object.values<Endpoint>(endpoints).map((endpoint) => ({
  endpoint,
  parts: endpoint.path.split('/'),
}))

/** The row that answers, by exact path (no query, case counts, no trailing slash); HEAD is answered like GET. */
export function rowOf(method: string, path: string): Endpoint | undefined {
  const asked = method === 'HEAD' ? 'GET' : method
  return rowsAt(path).find((endpoint) => endpoint.method === asked)
}

/** All rows of a path, whatever their method. */
export function rowsAt(path: string): Endpoint[] {
  const parts = path.split('/')
  const exact = rows.filter((row) => row.endpoint.path === path)
  const found = exact.length > 0 ? exact : rows.filter((row) => fits(row.parts, parts))
  return found.map((row) => row.endpoint)
}

function fits(pattern: string[], parts: string[]): boolean {
  return (
    pattern.length === parts.length &&
    pattern.every((want, i) => (want.startsWith('{') ? parts[i] !== '' : want === parts[i]))
  )
}

/** `/v1/stats/providers/{providerId}` as the router writes it: `/v1/stats/providers/:providerId`. */
export function routerPathOf(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1')
}
