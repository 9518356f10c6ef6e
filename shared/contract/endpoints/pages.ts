/** What a person opens in a browser: the dashboard and the files it is made of. */
import * as z from 'zod/mini'
import type { EndpointTable } from '../endpoint.ts'

export const pages = {
  dashboardPage: {
    method: 'GET',
    path: '/dashboard',
    auth: 'none',
    reply: z.string(),
    produces: 'text/html; charset=utf-8',
    page: true,
    summary: 'The dashboard; what it shows it asks for itself, with a session',
    tag: 'dashboard',
  },
  dashboardFile: {
    method: 'GET',
    path: '/dashboard/{file}',
    auth: 'none',
    reply: z.string(),
    produces: 'application/octet-stream',
    page: true,
    summary: 'Script, style and pictures of the dashboard',
    tag: 'dashboard',
  },
} as const satisfies EndpointTable
