/** The seam between the page and whatever holds it: VS Code, where the extension answers, or a browser, where the daemon does. */
import type { Ask, ReplyOf } from '../../shared/contract/endpoint.ts'
import type { EndpointName, Endpoints } from '../../shared/contract/endpoints/index.ts'
import type { ApiError } from '../../shared/contract/error.ts'
import type { View } from '../../shared/view.ts'

export type Answer<N extends EndpointName> = { ok: true; value: ReplyOf<Endpoints[N]> } | { ok: false; error: ApiError }

/** `live`: changes arrive as they happen. `lost`: what is shown may be old, reconnecting goes on by itself. `outdated`: the daemon is another version. */
export type Connection = 'connecting' | 'live' | 'lost' | 'outdated'

/** What the page remembers of itself: choices only, never data. */
export type Choices = Record<string, string>

export type Host = {
  kind: 'vscode' | 'browser'
  ask<N extends EndpointName>(name: N, ask: Ask<Endpoints[N]>): Promise<Answer<N>>
  onView(fn: (view: View) => void): void
  onConnection(fn: (connection: Connection) => void): void
  /** The session is over for good; only a new link helps. */
  onEnd(fn: () => void): void
  choices(): Choices
  keep(choices: Choices): void
}

/** Why a browser may not see anything: it came without a link, with a used or old one, its session is over, or nobody answers. */
export type Closed = { kind: 'closed'; why: 'no-link' | 'spent-link' | 'ended' | 'unreachable' }

/** Choices as they were stored, or none: what was stored may be of another version or not ours. */
export function readChoices(stored: unknown): Choices {
  if (typeof stored !== 'object' || stored === null) return {}
  return Object.fromEntries(
    Object.entries(stored).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  )
}
