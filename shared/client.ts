/** The typed REST client: one `ask` for every row of the endpoint table. The fetch is handed in, so it runs wherever one is. */
import * as z from 'zod/mini'
import type { Ask, Endpoint, ReplyOf } from './contract/endpoint.ts'
import { pathOf } from './contract/endpoint.ts'
import type { EndpointName, Endpoints } from './contract/endpoints/index.ts'
import { endpoints } from './contract/endpoints/index.ts'
import type { ApiError } from './contract/error.ts'
import { apiError } from './contract/error.ts'

/** As much of the web's `fetch` as is needed; time limits are the caller's, by wrapping it. */
export type Fetch = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string },
) => Promise<{ status: number; text(): Promise<string> }>

type Asked<T> = { ok: true; value: T } | { ok: false; error: ApiError }

export type Client = {
  /** Never throws: whatever goes wrong comes back as an error; `status_code` 0 means that no answer came at all. */
  ask<K extends EndpointName>(name: K, ask: Ask<Endpoints[K]>): Promise<Asked<ReplyOf<Endpoints[K]>>>
}

export type ClientOptions = {
  /** Where the daemon listens, e.g. `http://127.0.0.1:8655`; empty in a page that the daemon serves itself. */
  url: string
  token?: string
  fetch: Fetch
  headers?: Record<string, string>
}

/** `Ask` of any row, for what all rows have in common. */
type Given = { params?: Record<string, string>; query?: Record<string, string | undefined>; body?: unknown }

export function openClient(options: ClientOptions): Client {
  return {
    async ask(name, asked) {
      const row: Endpoint = endpoints[name]
      const { params, query, body } = asked as Given
      const headers: Record<string, string> = { accept: row.produces ?? 'application/json', ...options.headers }
      if (options.token !== undefined) headers.authorization = `Bearer ${options.token}`
      if (row.body) headers['content-type'] = 'application/json'
      let status: number
      let text: string
      try {
        const reply = await options.fetch(options.url + pathOf(row.path, params) + queryOf(query), {
          method: row.method,
          headers,
          ...(row.body ? { body: JSON.stringify(body ?? {}) } : {}),
        })
        status = reply.status
        text = await reply.text()
      } catch (error) {
        return { ok: false, error: localError(0, 'No answer', reasonOf(error)) }
      }
      // the row's schema has made it what the table says
      return readReply(row, status, text) as Asked<never>
    },
  }
}

/** `?a=1&b=2` of what is set. */
export function queryOf(query: Record<string, string | number | undefined> | undefined): string {
  const parts = Object.entries(query ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(value)}`],
  )
  return parts.length > 0 ? `?${parts.join('&')}` : ''
}

function readReply(row: Endpoint, status: number, text: string): Asked<unknown> {
  if (row.produces !== undefined && status < 400) return { ok: true, value: text }
  const json = jsonOf(text)
  const error = status >= 400 ? z.safeParse(apiError, json) : undefined
  if (error?.success) return { ok: false, error: error.data }
  // a degraded /health answers 503 with its usual body
  const reply = z.safeParse(row.reply, json)
  if (reply.success) return { ok: true, value: reply.data }
  const detail = `${row.method} ${row.path} was answered with status ${status} and a body that is not what this version knows.`
  return { ok: false, error: localError(status, 'Unexpected reply', detail) }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // reported as an unexpected reply
    return undefined
  }
}

/** An error that was seen here and not told by the daemon: it has no time and no request of its own. */
function localError(status: number, error: string, detail: string): ApiError {
  return { error, detail, status_code: status, timestamp: '', request_id: '' }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // fetch hides what really happened in the cause
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
