/** `/v0/management/qs`: the totals in the shape that clients of this family know; each row shapes a view of the ledger. */
import type { management } from '../../../shared/contract/endpoints/management.ts'
import { hourlyOf } from '../../ledger/views/hourly.ts'
import type { Answer, FamilyDeps, Handlers } from '../handlers.ts'
import { problem } from '../problem.ts'
import { cookieOf, sessionCookie } from '../session.ts'
import { dashboardFile, scriptlessHeaders } from './pages.ts'

export function managementHandlers(deps: FamilyDeps): Pick<Handlers, keyof typeof management> {
  return {
    qsHealth: () => ({ value: { ok: true } }),
    qsMetrics({ query }, context) {
      const found = hourlyOf(deps.ledger(), context.now, query)
      if (!('bad' in found)) return { value: found }
      // this family's clients read the sentence in `error`, all others in `detail`
      return problem('bad_request', found.why, { title: found.why, context: { parameter: found.bad } })
    },
    qsMetricsPage(_asked, context) {
      const cookie = cookieOf(context.req.headers.cookie, sessionCookie)
      if (cookie !== undefined && deps.sessions.isKnown(cookie)) return dashboardFile(deps, 'index.html', context)
      return howToOpen
    },
  }
}

const howToOpen: Answer<string> = {
  bytes: Buffer.from(`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<title>Tollkeeper</title></head>
<body><main>
<h1>This browser has no session with Tollkeeper</h1>
<p>Run <code>npx tollkeeper dashboard</code> on the machine that the daemon runs on. It opens the dashboard by a link that works
once, within a minute. In VS Code, the command <em>Tollkeeper: Open Dashboard</em> shows the same page.</p>
<p>Scripts ask <code>/v0/management/qs/metrics</code> with a key in the header <code>X-Management-Key</code>;
<code>npx tollkeeper key create --scope read</code> makes one.</p>
</main></body>
</html>
`),
  type: 'text/html; charset=utf-8',
  headers: scriptlessHeaders(),
}
