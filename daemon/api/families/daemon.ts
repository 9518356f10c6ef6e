/** The daemon itself: its stop, and the way into the dashboard. */
import type { FamilyDeps, Handlers } from '../handlers.ts'
import { problem } from '../problem.ts'
import { sessionCookie } from '../session.ts'

const defaultGraceSeconds = 30

export function daemonHandlers(deps: FamilyDeps): Pick<Handlers, 'stop' | 'dashboardLink' | 'dashboardSession'> {
  return {
    stop({ body }) {
      const grace_seconds = body.grace_seconds ?? defaultGraceSeconds
      const in_flight = deps.inFlight()
      // this answer is to leave before the server stops taking any
      setImmediate(() => deps.stop(grace_seconds))
      return { value: { stopping: true, in_flight, grace_seconds } }
    },
    dashboardLink() {
      const { code, expiresAt } = deps.sessions.link()
      const url = `http://127.0.0.1:${deps.port()}/dashboard#code=${code}`
      return { value: { url, expires_at: new Date(expiresAt).toISOString() } }
    },
    dashboardSession({ body }) {
      const session = deps.sessions.trade(body.code)
      if (!session) {
        const detail =
          'This link was used before or is older than a minute. `npx tollkeeper dashboard` makes a new one.'
        return problem('bad_key', detail)
      }
      const cookie = `${sessionCookie}=${session.cookie}; Path=/; HttpOnly; SameSite=Strict`
      return { value: { value: session.page }, headers: { 'set-cookie': cookie } }
    },
  }
}
