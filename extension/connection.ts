/** Keeps this window attached to the daemon: the link, what it shows, and questions to it. */

import { setTimeout as after } from 'node:timers/promises'
import { type Client, openClient } from '../shared/client.ts'
import { windowHeader } from '../shared/contract/endpoint.ts'
import type { FeedMessage } from '../shared/contract/feed.ts'
import { type FeedState, openFeedClient } from '../shared/feed-client.ts'
import { openLiveView } from '../shared/live-view.ts'
import type { View } from '../shared/view.ts'
import { attachingSocket } from './attaching-socket.ts'
import { realClock } from './clock.ts'
import { type Daemon, type Found, findDaemon } from './daemon-attach.ts'
import { watchHome } from './home-watch.ts'
import type { Link } from './link.ts'

export type Connection = Client & {
  link(): Link
  /** As it stands at this moment. */
  view(): View
  /** The daemon that proved itself, while attached. */
  daemon(): Daemon | undefined
  /** Calls `fn` after every change; what it returns ends that. */
  onChange(fn: () => void): () => void
  /** A daemon is being started: the link says so instead of "off" until it is there, or until this is called with false. */
  expect(starting: boolean): void
  /** Looks for the daemon at once. */
  retry(): void
  /** Resolves once `wanted` holds, or to false when it does not within `ms`. */
  until(wanted: (link: Link) => boolean, ms: number): Promise<boolean>
  close(): void
}

type Options = { home: string; windowId: string; log: (message: string) => void }

const answerWithinMs = 15_000
const lookEveryMs = 25
const daemonOff = { error: 'Daemon off', status_code: 0, timestamp: '', request_id: '' }

export function openConnection(options: Options): Connection {
  const listeners = new Set<() => void>()
  const changed = () => {
    for (const fn of listeners) fn()
  }
  const live = openLiveView({
    clock: realClock,
    wallNow: Date.now,
    changed,
    async ask() {
      if (attachment.link().kind !== 'live') return undefined
      const reply = await attachment.ask('summary', {})
      return reply.ok ? reply.value : undefined
    },
  })
  const attachment = openAttachment({
    ...options,
    changed,
    take(message, isLive) {
      live.take(message)
      // before that the summary is still to come: there is nothing whole to show
      if (isLive) changed()
    },
  })
  const { link } = attachment

  return {
    ...attachment,
    view: live.now,
    onChange(fn) {
      listeners.add(fn)
      return () => listeners.delete(fn)
    },
    async until(wanted, ms) {
      const end = performance.now() + ms
      while (!wanted(link())) {
        if (performance.now() > end) return false
        await after(lookEveryMs)
      }
      return true
    },
    close() {
      live.close()
      listeners.clear()
      attachment.close()
    },
  }
}

type Attachment = Pick<Connection, 'ask' | 'link' | 'daemon' | 'expect' | 'retry' | 'close'>

/** The feed to whatever daemon stands in the home, and what is known of that daemon. */
function openAttachment(
  options: Options & { changed: () => void; take: (message: FeedMessage, isLive: boolean) => void },
): Attachment {
  const { home, log, changed } = options
  let state: FeedState = { kind: 'connecting' }
  let daemon: Daemon | undefined
  let why = 'not looked for yet'
  let looked = false
  let starting = false
  let again = false

  const found = (result: Found) => {
    daemon = result.kind === 'found' ? result.daemon : undefined
    if (result.kind === 'found') return
    if (result.why !== why) log(result.why)
    why = result.why
  }
  const onState = (next: FeedState) => {
    const before = state.kind
    state = next
    if (next.kind === 'live') {
      starting = false
      log(`attached to ${daemon?.url} (instance ${next.instanceId}, version ${daemon?.discovery.version})`)
    }
    if (next.kind === 'lost' || next.kind === 'mismatch') {
      looked = true
      if (before === 'live') log('the connection to the daemon is lost')
      homeWatch.ensure()
      if (again) setTimeout(() => feed.retryNow(), 0)
      again = false
    }
    changed()
  }
  const retry = () => {
    // an attempt that is under way may have looked too early
    if (state.kind === 'connecting') again = true
    else feed.retryNow()
  }
  const homeWatch = watchHome(home, retry)
  const feed = openFeedClient({
    connect: () => attachingSocket(() => findDaemon(home), found),
    hello: { client: 'vscode', windowId: options.windowId },
    on: (message) => options.take(message, state.kind === 'live'),
    onState,
    random: Math.random,
    ...realClock,
  })

  const ask: Client['ask'] = async (name, asked) => {
    // what answers on the port after a loss has not proved itself: the token stays here
    if (daemon === undefined || (state.kind !== 'live' && state.kind !== 'mismatch')) {
      return { ok: false, error: { ...daemonOff, detail: `The Tollkeeper daemon is not running: ${why}` } }
    }
    return openClient({
      url: daemon.url,
      token: daemon.discovery.token,
      headers: { [windowHeader]: options.windowId },
      fetch: (to, init) => fetch(to, { ...init, redirect: 'error', signal: AbortSignal.timeout(answerWithinMs) }),
    }).ask(name, asked)
  }

  return {
    ask,
    link: () => linkOf(state, { daemon, why, waits: starting || !looked }),
    daemon: () => (state.kind === 'live' ? daemon : undefined),
    expect(value) {
      starting = value
      changed()
    },
    retry,
    close() {
      homeWatch.close()
      feed.close()
    },
  }
}

function linkOf(state: FeedState, known: { daemon: Daemon | undefined; why: string; waits: boolean }): Link {
  if (state.kind === 'live') return { kind: 'live' }
  if (state.kind === 'mismatch') {
    const older = state.theirs < state.ours ? 'daemon' : 'window'
    return { kind: 'mismatch', older, version: known.daemon?.discovery.version ?? '' }
  }
  return known.waits ? { kind: 'starting' } : { kind: 'off', why: known.why }
}
