/** The dashboard's page and its files, as they were built; what they show they ask for over REST and the feed. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Answer, Context, FamilyDeps, Handlers } from '../handlers.ts'
import { problem } from '../problem.ts'

const types: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  woff2: 'font/woff2',
  ttf: 'font/ttf',
  map: 'application/json',
}

export function pageHandlers(deps: FamilyDeps): Pick<Handlers, 'dashboardPage' | 'dashboardFile'> {
  return {
    dashboardPage: (_asked, context) => dashboardFile(deps, 'index.html', context),
    dashboardFile: ({ params }, context) => dashboardFile(deps, params.file, context),
  }
}

/** A file of the built dashboard, with the page's policy. */
export async function dashboardFile(
  deps: Pick<FamilyDeps, 'dashboardDir'>,
  file: string,
  context: Context,
): Promise<Answer<string>> {
  const type = typeOf(file)
  if (!type) return nothingHere(file)
  let bytes: Uint8Array
  try {
    bytes = await readFile(join(deps.dashboardDir, file))
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EISDIR')
    if (missing) return nothingHere(file)
    throw error
  }
  return { bytes, type, headers: pageHeaders(context) }
}

/** One plain name with an ending that pages are made of: no separator, no dot in front, so nothing outside the folder. */
function typeOf(file: string): string | undefined {
  const ending = /^\w[\w-]*(?:\.[\w-]+)*\.(\w+)$/.exec(file)?.[1]
  return ending !== undefined && Object.hasOwn(types, ending) ? types[ending] : undefined
}

function nothingHere(file: string) {
  const shown = file.slice(0, 100)
  return problem('not_found', `The dashboard has no file '${shown}'.`)
}

function pageHeaders(context: Context): Record<string, string> {
  // some browsers do not count a WebSocket as 'self' (CSP level 2); the guard has made sure that the host is ours
  const host = context.req.headers.host ?? ''
  const feed = /^[\w.:[\]-]+$/.test(host) ? ` ws://${host}` : ''
  return {
    'content-security-policy': policyOf([
      "script-src 'self'",
      "style-src 'self'",
      `connect-src 'self'${feed}`,
      "img-src 'self' data:",
      "font-src 'self'",
    ]),
    ...apart,
  }
}

/** Of a page that runs nothing and loads nothing; `style`: the source of its one style sheet, a hash of it. */
export function scriptlessHeaders(style?: string): Record<string, string> {
  return { 'content-security-policy': policyOf(style === undefined ? [] : [`style-src ${style}`]), ...apart }
}

function policyOf(allowed: readonly string[]): string {
  return ["default-src 'none'", ...allowed, "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"].join(
    '; ',
  )
}

/** No other page learns of this one, opens it in a frame or reads it. */
const apart = {
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}
