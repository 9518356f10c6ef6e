/** Keeps one connection to the feed: checks the contract, sees gaps, and comes back after a loss, ever more slowly. */

import * as z from 'zod/mini'
import type { Clock } from './clock.ts'
import type { FeedHello, FeedMessage } from './contract/feed.ts'
import { CONTRACT_VERSION, feedMessage } from './contract/feed.ts'

/** As much of a WebSocket as is needed: the browser's and the one of `ws` both fit. */
export type FeedSocket = {
  addEventListener(
    type: 'open' | 'message' | 'close' | 'error',
    listener: (event: { readonly type: string; readonly data?: unknown }) => void,
  ): void
  send(text: string): void
  close(): void
}

export type FeedState =
  | { kind: 'connecting' }
  /** The summary is here; what `on` hears from now on is live. */
  | { kind: 'live'; instanceId: string }
  /** `retryAt` in the time of `now`. */
  | { kind: 'lost'; retryAt: number }
  /** The daemon speaks another contract: messages would be misread, so none is passed on. It is asked again at `retryAt`. */
  | { kind: 'mismatch'; theirs: number; ours: number; retryAt: number }
  | { kind: 'closed' }

export type FeedClientOptions = Clock & {
  /** Opens a new socket to the feed; a throw counts as a lost connection. */
  connect: () => FeedSocket
  hello: Omit<FeedHello, 'type' | 'contract'>
  /** Every message in order. After a hello with another instance_id, all that was held is void; a summary replaces it anyway. */
  on: (message: FeedMessage) => void
  onState: (state: FeedState) => void
  /** From 0 up to 1, for the jitter. */
  random: () => number
}

export type FeedClient = {
  /** Connects at once instead of waiting for the next try: the discovery file has changed, the machine woke up. */
  retryNow(): void
  close(): void
}

const firstWaitMs = 500
const maxWaitMs = 30_000
/** A connection that says nothing in this time is given up. */
const welcomeMs = 10_000

export function openFeedClient(options: FeedClientOptions): FeedClient {
  let failures = 0
  let socket: FeedSocket | undefined
  let stopTimer: () => void = () => {}
  let state: FeedState = { kind: 'connecting' }

  const become = (next: FeedState) => {
    state = next
    options.onState(next)
  }
  /** Lets go of the socket, if there is one; what it may still say is ignored. */
  const drop = () => {
    const old = socket
    socket = undefined
    stopTimer()
    old?.close()
  }
  const lose = (mismatch?: number) => {
    drop()
    const wait = mismatch === undefined ? waitMs(failures, options.random()) : maxWaitMs
    failures += 1
    stopTimer = options.setTimer(connect, wait)
    const retryAt = options.now() + wait
    if (mismatch === undefined) become({ kind: 'lost', retryAt })
    else become({ kind: 'mismatch', theirs: mismatch, ours: CONTRACT_VERSION, retryAt })
  }

  function connect(): void {
    drop()
    become({ kind: 'connecting' })
    let opened: FeedSocket
    try {
      opened = options.connect()
    } catch {
      // no address or no token yet: the same as a daemon that is not there
      return lose()
    }
    socket = opened
    stopTimer = options.setTimer(() => lose(), welcomeMs)
    const reader = openReader({
      on: options.on,
      live(instanceId) {
        // whoever heard the summary may have closed us
        if (socket !== opened) return
        failures = 0
        stopTimer()
        // a summary in the middle replaces what was held, nothing else
        if (state.kind !== 'live') become({ kind: 'live', instanceId })
      },
      broken: lose,
    })
    const whileOurs = (fn: (data: unknown) => void) => (event: { readonly data?: unknown }) => {
      if (socket === opened) fn(event.data)
    }
    opened.addEventListener(
      'open',
      whileOurs(() => opened.send(JSON.stringify({ type: 'hello', contract: CONTRACT_VERSION, ...options.hello }))),
    )
    opened.addEventListener('message', whileOurs(reader))
    opened.addEventListener(
      'close',
      whileOurs(() => lose()),
    )
    // some sockets tell an error without a close
    opened.addEventListener(
      'error',
      whileOurs(() => lose()),
    )
  }

  connect()
  return {
    retryNow() {
      if (state.kind !== 'lost' && state.kind !== 'mismatch') return
      failures = 0
      connect()
    },
    close() {
      drop()
      become({ kind: 'closed' })
    },
  }
}

type ReaderOptions = {
  on: (message: FeedMessage) => void
  live: (instanceId: string) => void
  /** `theirs` where another contract is the reason. */
  broken: (theirs?: number) => void
}

/** Reads one connection's messages: hello, summary, then changes without a gap. */
function openReader(options: ReaderOptions): (data: unknown) => void {
  let instanceId: string | undefined
  let seq: number | undefined
  return (data) => {
    const json = jsonOf(data)
    const theirs = contractOf(json)
    if (theirs !== undefined && theirs !== CONTRACT_VERSION) return options.broken(theirs)
    const parsed = z.safeParse(feedMessage, json)
    if (!parsed.success) {
      // a kind of message that a newer daemon of the same contract has added; its number still counts
      const unknownSeq = seqOf(json)
      if (unknownSeq === undefined || seq === undefined || unknownSeq !== seq + 1) return options.broken()
      seq = unknownSeq
      return
    }
    const message = parsed.data
    if (message.type === 'hello') {
      instanceId = message.instance_id
      return options.on(message)
    }
    if (instanceId === undefined) return options.broken()
    if (message.type === 'summary') {
      seq = message.seq
      options.on(message)
      return options.live(instanceId)
    }
    if (seq === undefined || message.seq !== seq + 1) return options.broken()
    seq = message.seq
    options.on(message)
  }
}

/** Doubles from half a second to half a minute; up to half of it is taken off, so that nine windows do not come back at once. */
function waitMs(failures: number, random: number): number {
  const full = Math.min(maxWaitMs, firstWaitMs * 2 ** Math.min(failures, 16))
  return Math.round(full * (1 - random / 2))
}

function jsonOf(data: unknown): unknown {
  if (typeof data !== 'string') return undefined
  try {
    return JSON.parse(data)
  } catch {
    // treated as a broken connection
    return undefined
  }
}

const numbered = z.object({ seq: z.int() })
const greeting = z.object({ type: z.literal('hello'), contract: z.int() })

function seqOf(json: unknown): number | undefined {
  return z.safeParse(numbered, json).data?.seq
}

/** Of a hello, before the rest of it is looked at: another contract's hello may look otherwise. */
function contractOf(json: unknown): number | undefined {
  return z.safeParse(greeting, json).data?.contract
}
