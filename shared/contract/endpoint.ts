/** What an endpoint is, and the types that follow from a table of them: the server's handlers and the clients' calls. */
import type * as z from 'zod/mini'

/** Scopes rise: who may admin may read, who may read may use the proxy. `none` asks for nothing. */
export type Scope = 'proxy' | 'read' | 'admin'
export const scopeRank: Record<Scope, number> = { proxy: 0, read: 1, admin: 2 }

/** By which windows of an editor tell themselves apart, that all ask with one credential: each has its own allowance. */
export const windowHeader = 'x-tollkeeper-window'

export type Endpoint = {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** `{name}` stands for one segment. */
  path: string
  auth: 'none' | Scope
  query?: z.core.$ZodType
  body?: z.core.$ZodType
  /** Of a JSON reply. A row without it answers what `produces` says. */
  reply: z.core.$ZodType
  /** A media type that is not JSON. */
  produces?: string
  /** Of what comes in place of that where who asks wants JSON. */
  jsonReply?: z.core.$ZodType
  /** Opened by a person in a browser: navigation is allowed. */
  page?: true
  /** `unless-allowed`: but where the user has set `allow-remote-management`. */
  loopbackOnly?: true | 'unless-allowed'
  /** Whoever asks from this machine needs no credential. */
  openOnLoopback?: true
  /** A header beside the usual ones in which a key of ours may stand. */
  keyHeader?: string
  /** Each who asks may do so only so often in a minute: `apiRequestsPerMinute`. */
  rateLimited?: true
  /** One change comes in many requests: who changed what is kept of the first in a while alone. */
  inBatches?: true
  /** Another status with which the usual reply comes. */
  degraded?: number
  summary: string
  tag: string
}

/** The names between braces of a path. */
export type ParamsOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? { [K in Name]: string } & ParamsOf<Rest>
  : Record<never, string>

type Parsed<S> = S extends z.core.$ZodType ? z.core.output<S> : undefined
type Given<S> = S extends z.core.$ZodType ? z.core.input<S> : undefined

/** What a handler is called with: the row's schemas have already been applied. */
export type Asked<E extends Endpoint> = {
  params: ParamsOf<E['path']>
  query: Parsed<E['query']>
  body: Parsed<E['body']>
}
export type ReplyOf<E extends Endpoint> = z.core.output<E['reply']>

/** What a client gives for a row. */
export type Ask<E extends Endpoint> = (keyof ParamsOf<E['path']> extends never
  ? { params?: undefined }
  : { params: ParamsOf<E['path']> }) &
  (E['query'] extends z.core.$ZodType ? { query?: Given<E['query']> } : { query?: undefined }) &
  (E['body'] extends z.core.$ZodType ? { body: Given<E['body']> } : { body?: undefined })

export type EndpointTable = Record<string, Endpoint>

/** The path of a row with its parameters put in, each encoded as one segment. */
export function pathOf(path: string, params: Record<string, string> = {}): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
}
