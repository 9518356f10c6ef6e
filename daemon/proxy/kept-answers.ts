/** Remembers which of our keys made the answers that providers keep, who answers a conversation, and what is worked on in the background. */
import type { AttemptEnded, DialectName } from '../../shared/contract/event.ts'
import type { ReplyReading } from '../dialects/dialect.ts'
import { recentBound } from '../ledger/recent.ts'
import type { Attempt } from './attempt.ts'
import type { Attribution } from './attribution.ts'
import type { Call, Target } from './call.ts'
import type { No } from './refuse.ts'

/** An answer that was begun in the background; what it used is told to whoever asks for it later. */
export type Begun = {
  model: string | null
  attribution: Attribution
  /** The first who is told counts it; false: it was counted. */
  take(): boolean
}

/** `lent`: on a key of the daemon's; else on the caller's own account. */
export type Answerer = { provider: string; lent: boolean }

export type KeptAnswers = {
  /** Takes over what the reply to a counted call told. */
  note(call: Call, target: Target, reading: ReplyReading): void
  /** The provider that keeps the answer, if that key of ours made it. */
  providerOf(answer: string, keyId: string): string | undefined
  /** Who answered last in the conversation that the call says it belongs to, by calls on the same key of ours. */
  answererOf(call: Call): Answerer | undefined
  /** What the path asks for, if it was begun in the background and not counted yet. */
  begunAs(call: Call, target: Target): Begun | undefined
}

const mostMade = 10_000
const mostBegun = 1000
const mostConversations = 1000
/** Longer ids than any provider gives must not fill our memory. */
const longestId = 200

/** `recent`: ended attempts of the daemon before, oldest first. */
export function openKeptAnswers(recent: Iterable<AttemptEnded>): KeptAnswers {
  const made = new Map<string, { keyId: string; provider: string }>()
  const conversations = new Map<string, Answerer>()
  const begun = new Map<string, Omit<Begun, 'take'> & { provider: string }>()
  for (const e of recent) {
    const conversation = conversationOf(e.dialect, e.key ?? null, e.session)
    // a lent key's account is its provider (`account.ts`)
    const answerer = { provider: e.provider, lent: e.account === e.provider }
    if (conversation !== null && e.outcome === 'ok') remember(conversations, conversation, answerer, mostConversations)
    if (e.keptAs === undefined) continue
    const { keptAs, provider, key } = e
    // an answer is counted at its own path when it tells what it used
    if (isOfAnswer(e.endpoint)) begun.delete(keptAs)
    else if (answerer.lent && key !== undefined) remember(made, keptAs, { keyId: key, provider }, mostMade)
    if (e.underWay) remember(begun, keptAs, { ...askedAs(e), provider }, mostBegun)
  }

  return {
    note: (call, target, { keptAs, underWay, model, complete, error }) => {
      const provider = target.provider.id
      const conversation = conversationIn(call)
      if (conversation !== null && complete && !error)
        remember(conversations, conversation, { provider, lent: target.lent }, mostConversations)
      if (keptAs === null || keptAs.length > longestId) return
      if (target.lent && call.keyId !== null) remember(made, keptAs, { keyId: call.keyId, provider }, mostMade)
      const asked = target.model ?? call.model ?? model
      if (underWay) remember(begun, keptAs, { model: asked, attribution: call.attribution, provider }, mostBegun)
    },
    providerOf: (answer, keyId) => {
      const found = made.get(answer)
      return found?.keyId === keyId ? found.provider : undefined
    },
    answererOf: (call) => {
      const conversation = conversationIn(call)
      return conversation === null ? undefined : conversations.get(conversation)
    },
    begunAs: (call, target) => {
      const answer = answerInPath(call)
      const found = answer === null ? undefined : begun.get(answer)
      if (answer === null || found?.provider !== target.provider.id) return undefined
      return { ...found, take: () => begun.delete(answer) }
    },
  }
}

/** How a begun answer was asked for, as far as its attempt tells. */
function askedAs({ model, client, task, session, user, feature }: AttemptEnded): Omit<Begun, 'take'> {
  return {
    model: model === 'unknown' ? null : model,
    // a chat becomes a search by what its reply tells; whatever else was said stays
    attribution: { client, task, session, user, feature: feature ?? 'chat', featureSaid: false },
  }
}

/** What the end of an attempt tells of the stored answer that hangs on it. */
export type KeptAs = { id: string; underWay: boolean }

/** null: a restart may forget it, as an own account knows its answers itself. */
export function keptAsOf(call: Call, target: Target, reading: ReplyReading | null): KeptAs | null {
  const told = answerInPath(call)
  if (told !== null) return { id: told, underWay: false }
  if (!reading || reading.keptAs === null) return null
  const underWay = reading.underWay === true
  return underWay || (target.lent && call.keyId !== null) ? { id: reading.keptAs, underWay } : null
}

/** The attempt, whose end is noted once before it is written down: the client may go on from it with the last byte. */
export function noting(attempt: Attempt, note: (reading: ReplyReading) => void): Attempt {
  let noted = false
  const { sent, head, bytes, upstreamOver, account, tokens } = attempt
  return {
    sent,
    head,
    bytes,
    upstreamOver,
    account,
    tokens,
    end: (ending) => {
      if (!noted && ending.reading) note(ending.reading)
      noted = true
      return attempt.end(ending)
    },
  }
}

export type KeptAnswer =
  | { kind: 'none' }
  /** `no` is what to say where the call would go to another provider than the one that keeps it. */
  | { kind: 'asked-for' | 'gone-on-from'; provider: string; no: No }
  | { kind: 'not-theirs'; no: No }

/** The stored answer that a call on a lent key names: only the key that made it may use it. */
export function keptAnswerOf(call: Call, kept: KeptAnswers): KeptAnswer {
  const inPath = answerInPath(call)
  const answer = inPath ?? call.facts?.goesOnFrom ?? null
  if (answer === null || call.keyId === null || call.credentials.own !== null) return { kind: 'none' }
  const shown = JSON.stringify(answer.slice(0, 100))
  const detail = `The answer ${shown} is not known as one that this Tollkeeper key made: on a lent key, a stored answer can only be used by the key that made it, at the provider that keeps it. Beyond the last ${recentBound.real} attempts Tollkeeper may have forgotten who made it; a conversation goes on without when it is sent whole.`
  const no: No = { code: 'not_found', detail }
  const provider = kept.providerOf(answer, call.keyId)
  if (provider === undefined) return { kind: 'not-theirs', no }
  return { kind: inPath === null ? 'gone-on-from' : 'asked-for', provider, no }
}

/** Of the one dialect whose calls may carry what only their answerer can read; on a lone own account none can move. */
function conversationOf(dialect: DialectName, keyId: string | null, session: string | null): string | null {
  return dialect !== 'openai-responses' || keyId === null || session === null ? null : `${keyId} ${session}`
}

function conversationIn({ dialect, keyId, attribution }: Call): string | null {
  return conversationOf(dialect.name, keyId, attribution.session)
}

function answerInPath({ endpoint, named }: Call): string | null {
  return isOfAnswer(endpoint.path) ? named : null
}

function isOfAnswer(path: string): boolean {
  return path.includes('{id}')
}

function remember<T>(map: Map<string, T>, name: string, value: T, most: number): void {
  map.delete(name)
  map.set(name, value)
  const oldest = map.keys().next()
  if (map.size > most && !oldest.done) map.delete(oldest.value)
}
