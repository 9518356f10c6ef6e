/** What describes the API itself: for programs and for people. It holds nothing but the table, which is no secret. */
import * as z from 'zod/mini'
import type { EndpointTable } from '../endpoint.ts'

export const docs = {
  openApi: {
    method: 'GET',
    path: '/api/openapi.json',
    auth: 'none',
    reply: z.looseObject({ openapi: z.string() }),
    page: true,
    summary: 'This API as an OpenAPI 3.1 document',
    tag: 'docs',
  },
  docsPage: {
    method: 'GET',
    path: '/api/docs',
    auth: 'none',
    reply: z.string(),
    produces: 'text/html; charset=utf-8',
    page: true,
    summary: 'This API as a page to read',
    tag: 'docs',
  },
} as const satisfies EndpointTable
