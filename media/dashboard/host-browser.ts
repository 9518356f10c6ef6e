/** The page in a browser: asks go to the daemon that served it, changes come over its feed. */

import { openClient } from '../../shared/client.ts'
import { feedSubprotocol } from '../../shared/contract/feed.ts'
import { type FeedState, openFeedClient } from '../../shared/feed-client.ts'
import { openLiveView } from '../../shared/live-view.ts'
import { realClock } from './clock.ts'
import { type Closed, type Connection, type Host, readChoices } from './host.ts'
import { endSession, openSession } from './session.ts'

const choicesStoredAs = 'tollkeeper.choices'

export async function openBrowserHost(): Promise<Host | Closed> {
  const url = location.origin
  const stranger = openClient({ url, fetch: (input, init) => fetch(input, init) })
  const session = await openSession({
    fragment: location.hash,
    dropFragment: () => history.replaceState(null, '', location.pathname),
    storage: sessionStorage,
    trade: (code) => stranger.ask('dashboardSession', { body: { code } }),
  })
  if (session.kind === 'closed') return session
  return hostFor(url, session.value)
}

function hostFor(url: string, value: string): Host {
  const client = openClient({
    url,
    fetch: (input, init) => fetch(input, init),
    headers: { 'x-tollkeeper-page': value },
  })
  let connection: Connection = 'connecting'
  let showView: Parameters<Host['onView']>[0] = () => {}
  let showConnection: (connection: Connection) => void = () => {}
  let end: () => void = () => {}

  const host: Host = {
    kind: 'browser',
    async ask(name, ask) {
      const answer = await client.ask(name, ask)
      if (!answer.ok && answer.error.status_code === 401) {
        endSession(sessionStorage)
        feed.close()
        live.close()
        end()
      }
      return answer
    },
    onView(fn) {
      showView = fn
      fn(live.now())
    },
    onConnection(fn) {
      showConnection = fn
      fn(connection)
    },
    onEnd(fn) {
      end = fn
    },
    choices: () => readChoices(parsed(localStorage.getItem(choicesStoredAs))),
    keep: (choices) => localStorage.setItem(choicesStoredAs, JSON.stringify(choices)),
  }

  const live = openLiveView({
    clock: realClock,
    wallNow: Date.now,
    changed: () => showView(live.now()),
    async ask() {
      if (connection !== 'live') return undefined
      const answer = await host.ask('summary', {})
      return answer.ok ? answer.value : undefined
    },
  })
  const feed = openFeedClient({
    connect: () => new WebSocket(`${url.replace(/^http/, 'ws')}/api/v1/feed`, [feedSubprotocol, value]),
    hello: { client: 'dashboard' },
    on(message) {
      live.take(message)
      showView(live.now())
    },
    onState(state) {
      connection = connectionOf(state, connection)
      showConnection(connection)
      // a browser does not tell why a socket was refused; a plain request does
      if (state.kind === 'lost') void host.ask('warnings', {})
    },
    random: () => Math.random(),
    ...realClock,
  })
  document.addEventListener('visibilitychange', () => document.hidden || feed.retryNow())
  return host
}

/** Trying again after a loss is still lost: what stands there may be old until the daemon has answered. */
export function connectionOf(state: FeedState, before: Connection): Connection {
  switch (state.kind) {
    case 'live':
      return 'live'
    case 'mismatch':
      return 'outdated'
    case 'connecting':
      return before === 'live' ? 'lost' : before
    case 'lost':
    case 'closed':
      return 'lost'
  }
}

function parsed(text: string | null): unknown {
  try {
    return text === null ? undefined : JSON.parse(text)
  } catch {
    // somebody else's or half written: the choices begin anew
    return undefined
  }
}
