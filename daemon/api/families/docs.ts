/** `/api/openapi.json` and `/api/docs`: the endpoint table for programs and for people. */
import type { docs } from '../../../shared/contract/endpoints/docs.ts'
import { endpoints } from '../../../shared/contract/endpoints/index.ts'
import { type OpenApi, openApiOf } from '../../../shared/contract/openapi.ts'
import { docsHtml, docsStyleSource } from '../docs-page.ts'
import type { FamilyDeps, Handlers } from '../handlers.ts'
import { pageHeader, sessionCookie } from '../session.ts'
import { scriptlessHeaders } from './pages.ts'

export function docsHandlers(deps: Pick<FamilyDeps, 'version'>): Pick<Handlers, keyof typeof docs> {
  let made: OpenApi | undefined
  // seldom asked for, and the same while the daemon runs
  const document = () => {
    made ??= openApiOf(endpoints, {
      version: deps.version,
      session: { cookie: sessionCookie, header: pageHeader },
    })
    return made
  }
  return {
    openApi: () => ({ value: document() }),
    docsPage: () => ({
      bytes: Buffer.from(docsHtml(document())),
      type: 'text/html; charset=utf-8',
      headers: scriptlessHeaders(docsStyleSource),
    }),
  }
}
