/** The OpenAPI 3.1 document, made from the endpoint table. Only the daemon imports it: no page needs the maker of schemas. */
import * as z from 'zod/mini'
import type { Endpoint, EndpointTable } from './endpoint.ts'
import { apiError, errorTitles } from './error.ts'

/** JSON Schema 2020-12, which OpenAPI 3.1 takes as it is. */
export type Schema = { [keyword: string]: unknown }
type Content = { [mediaType: string]: { schema: Schema } }
type Reference = { $ref: string }
type Response = { description: string; content: Content }
export type Parameter = { name: string; in: 'path' | 'query'; required: boolean; schema: Schema }
export type Operation = {
  operationId: string
  summary: string
  tags: string[]
  /** Alternatives; none at all where nothing is asked for. */
  security: Record<string, string[]>[]
  parameters?: Parameter[]
  requestBody?: { required: true; content: Content }
  responses: Record<string, Response | Reference>
  'x-tollkeeper-scope': Endpoint['auth']
  'x-tollkeeper-loopback-only': boolean | string
}
export type OpenApi = {
  openapi: string
  info: { title: string; version: string; description: string }
  servers: { url: string }[]
  tags: { name: string }[]
  paths: Record<string, Record<string, Operation>>
  components: {
    securitySchemes: Record<string, Schema>
    schemas: Record<string, Schema>
    responses: Record<string, Response>
  }
}

/** `session`: where the dashboard's two values stand, which only count together. */
export type OpenApiOptions = { version: string; session: { cookie: string; header: string } }

export function openApiOf(table: EndpointTable, { version, session }: OpenApiOptions): OpenApi {
  const paths: OpenApi['paths'] = {}
  for (const [name, row] of Object.entries(table)) {
    const path = paths[row.path] ?? {}
    path[row.method.toLowerCase()] = operationOf(name, row)
    paths[row.path] = path
  }
  return {
    openapi: '3.1.1',
    info: { title: 'Tollkeeper', version, description },
    servers: [{ url: '/' }],
    tags: [...new Set(Object.values(table).map((row) => row.tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: securitySchemesOf(session),
      schemas: { Error: schemaOf(apiError) },
      responses: Object.fromEntries(errorStatuses.map((status) => [`Error${status}`, errorResponse(status)])),
    },
  }
}

const description =
  'What the daemon answers beside the calls that it passes on: usage, limits, cost, its own keys and itself. Every error has the one shape of the schema Error. A reply may gain fields. Changes are told over the WebSocket at /api/v1/feed.'

function operationOf(name: string, row: Endpoint): Operation {
  const parameters = [...pathParametersOf(row.path), ...queryParametersOf(row.query)]
  return {
    operationId: name,
    summary: row.summary,
    tags: [row.tag],
    security: securityOf(row),
    ...(parameters.length > 0 && { parameters }),
    ...(row.body && {
      requestBody: { required: true, content: { 'application/json': { schema: schemaOf(row.body) } } },
    }),
    responses: responsesOf(row),
    'x-tollkeeper-scope': row.auth,
    'x-tollkeeper-loopback-only': row.loopbackOnly ?? false,
  }
}

function pathParametersOf(path: string): Parameter[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
}

function queryParametersOf(query: Endpoint['query']): Parameter[] {
  if (!query) return []
  const { properties = {}, required = [] } = z.toJSONSchema(query, { io: 'input' })
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema: typeof schema === 'object' ? { ...schema } : {},
  }))
}

/** As what is sent is read: fields that the schema does not name may be there, as a later version's reply may have them. */
function schemaOf(schema: z.core.$ZodType): Schema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input' })
  return rest
}

const errorStatuses = [400, 401, 403, 404, 413, 415, 429] as const

function responsesOf(row: Endpoint): Operation['responses'] {
  const reply = { description: row.summary, content: contentOf(row) }
  const may: Record<(typeof errorStatuses)[number], boolean> = {
    400: row.query !== undefined || row.body !== undefined,
    401: row.auth !== 'none',
    403: row.auth !== 'none' || row.loopbackOnly !== undefined,
    404: row.path.includes('{'),
    413: row.body !== undefined,
    415: row.body !== undefined,
    429: row.rateLimited === true,
  }
  const errors = errorStatuses.filter((status) => may[status])
  return {
    200: reply,
    ...Object.fromEntries(errors.map((status) => [status, { $ref: `#/components/responses/Error${status}` }])),
    ...(row.degraded !== undefined && { [row.degraded]: reply }),
    default: { description: 'Any other error', content: errorContent },
  }
}

function contentOf({ reply, produces, jsonReply }: Endpoint): Content {
  if (produces === undefined) return { 'application/json': { schema: schemaOf(reply) } }
  const json = jsonReply && { 'application/json': { schema: schemaOf(jsonReply) } }
  return { [produces]: { schema: { type: 'string' } }, ...json }
}

const errorContent: Content = { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } }

function errorResponse(status: number): Response {
  return { description: errorTitles[status] ?? 'Error', content: errorContent }
}

/** Roles stand beside a scheme's name, as OpenAPI 3.1 allows for schemes without scopes of their own. */
function securityOf({ auth, openOnLoopback, keyHeader }: Endpoint): Operation['security'] {
  if (auth === 'none') return []
  const keys = ['bearer', 'x-api-key', 'x-tollkeeper-key', ...(keyHeader === undefined ? [] : [keyHeader])]
  const page = auth === 'admin' ? [] : [{ sessionCookie: [], sessionValue: [] }]
  // an empty one: none is needed
  const open = openOnLoopback ? [{}] : []
  return [...open, ...keys.map((name) => ({ [name]: [auth] })), ...page]
}

function securitySchemesOf(session: OpenApiOptions['session']): Record<string, Schema> {
  const ours =
    'A key of this daemon (tollkeeper key create), a token made with one (POST /api/v1/auth/token), or the local token.'
  const header = (name: string) => ({ type: 'apiKey', in: 'header', name, description: ours })
  const page = 'Of the dashboard; counts only together with the other one.'
  return {
    bearer: { type: 'http', scheme: 'bearer', description: ours },
    'x-api-key': header('x-api-key'),
    'x-tollkeeper-key': header('x-tollkeeper-key'),
    'x-management-key': header('x-management-key'),
    sessionCookie: { type: 'apiKey', in: 'cookie', name: session.cookie, description: page },
    sessionValue: { type: 'apiKey', in: 'header', name: session.header, description: page },
  }
}
