/** Starts the real daemon for a story: port 0, a home of its own, a clock if one is given, its log kept; and asks it things. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, openClient } from '../../shared/client.ts'
import type { Config } from '../../shared/contract/config.ts'
import type { Ask, ReplyOf } from '../../shared/contract/endpoint.ts'
import type { EndpointName, Endpoints } from '../../shared/contract/endpoints/index.ts'
import { startDaemon } from '../daemon.ts'
import { openLog } from '../log.ts'
import type { HoldBounds } from '../proxy/held-reply.ts'
import type { Running } from '../started.ts'

export type Story = {
  daemon: Running
  home: string
  url: string
  /** Every log line so far. */
  log: string[]
  /** A row's reply; fails the test on an error reply. */
  ask<K extends EndpointName>(name: K, ask?: Ask<Endpoints[K]>): Promise<ReplyOf<Endpoints[K]>>
  client: Client
  /** A key of ours, fresh. */
  key(scope?: 'proxy' | 'read' | 'admin', providers?: string[], chains?: string[]): Promise<string>
  /** Closes it and starts it again on the same home. */
  restart(): Promise<void>
  end(): Promise<void>
}

export type StoryOptions = {
  config?: Config | string
  sandbox?: boolean
  now?: () => number
  env?: NodeJS.ProcessEnv
  bounds?: HoldBounds
}

export async function start(options: StoryOptions = {}): Promise<Story> {
  const home = mkdtempSync(join(tmpdir(), 'tollkeeper-story-'))
  if (options.config !== undefined) {
    writeFileSync(
      join(home, 'config.jsonc'),
      typeof options.config === 'string' ? options.config : JSON.stringify(options.config),
    )
  }
  const log: string[] = []
  const open = async () => {
    const started = await startDaemon({
      home,
      port: 0,
      sandbox: options.sandbox ?? false,
      log: openLog({ write: (line) => log.push(line), level: 'debug' }),
      ...(options.now && { now: options.now }),
      ...(options.bounds && { bounds: options.bounds }),
      env: options.env ?? {},
    })
    assert.equal(started.kind, 'started', JSON.stringify(started))
    return started
  }
  const story: Story = {
    daemon: await open(),
    home,
    log,
    get url() {
      return story.daemon.url
    },
    get client() {
      return openClient({ url: story.daemon.url, token: story.daemon.token, fetch })
    },
    ask: async (name, ask) => {
      const reply = await story.client.ask(name, (ask ?? {}) as never)
      assert.ok(reply.ok, reply.ok ? '' : JSON.stringify(reply.error))
      return reply.value as never
    },
    key: async (scope = 'proxy', providers, chains) => {
      const body = { name: `a ${scope} key`, scope, ...(providers && { providers }), ...(chains && { chains }) }
      return (await story.ask('createKey', { body })).key
    },
    restart: async () => {
      await story.daemon.close(0)
      story.daemon = await open()
    },
    end: async () => {
      await story.daemon.close(0)
      rmSync(home, { recursive: true, force: true })
    },
  }
  return story
}

/** Waits until `found` gives something; fails with `what` after two seconds. */
export async function eventually<T>(
  what: string,
  found: () => T | undefined | false | Promise<T | undefined | false>,
  ms = 2000,
): Promise<T> {
  const until = performance.now() + ms
  for (;;) {
    const value = await found()
    if (value !== undefined && value !== false) return value
    assert.ok(performance.now() < until, `did not happen in time: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
