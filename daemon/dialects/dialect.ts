/** What a dialect must do: read requests and replies of one wire format, splice its bytes, and say our no in its words. */
import type { DialectName } from '../../shared/contract/event.ts'
import type { Usage } from '../../shared/contract/usage.ts'

/** Bytes `from` (with) to `to` (without) of a body. */
export type Span = { from: number; to: number }

export type DialectEndpoint = {
  method: 'POST' | 'GET'
  /** As a client without a prefix sends it, e.g. `/v1/chat/completions`; also its route template in the journal. */
  path: string
  /** How a pinned path ends that means this endpoint, e.g. `/chat/completions`. */
  ends: string
  /** Token counts and model lists are passed on and never counted. */
  metered: boolean
}

/** What a request's body tells without being parsed whole: the bytes stay as they came. */
export type RequestFacts = {
  model: string | null
  /** Where the model's JSON string stands, quotes included. */
  modelAt: Span | null
  stream: boolean
  /** The client itself asked for usage in the stream (`stream_options.include_usage`), or this dialect always tells it. */
  asksUsage: boolean
  /** Where `stream_options` stands (its value), if it is there. */
  streamOptionsAt: Span | null
  hasImages: boolean
  /** Ids that tie the call to one account's server-side state (it must never go to another one). */
  serverState: boolean
  /** What the body says of who calls: a session, an account id on the wire. Empty strings count as absent. */
  session: string | null
  wireAccount: string | null
  /** Most output tokens that the caller allows. */
  maxOutput: number | null
}

/** What a reply told, read once when it is over, however it ended. */
export type ReplyReading = {
  /** null: nothing was reported; see `estimateOutput`. */
  usage: Usage | null
  /** Whether `usage.output` is final. false: broken off before the provider told it; what stands there is too low. */
  outputReported: boolean
  /** The model that answered, if the reply names one. */
  model: string | null
  /** What the provider itself says the call cost, in USD. */
  statedCostUsd: number | null
  /** An error inside the reply, its body's code and words. */
  error: { code: string; message: string } | null
  /** The event that ends a good answer was seen (`[DONE]` or a finish reason with usage, `message_stop`; a whole JSON body). */
  complete: boolean
  /** Web searches and the like that are billed by the piece. */
  webSearches: number
}

export type ReplyReader = {
  /**
   * Takes the next bytes of the decoded reply. `pass` is what goes to the client: the same bytes, but for the usage-only chunk
   * that was asked for on the client's behalf. `terminal`: with these bytes the answer is complete.
   */
  read(chunk: Uint8Array): { pass: readonly Uint8Array[]; terminal: boolean }
  /** What the reply has told so far. Any time, any number of times, before and after `end`. */
  reading(): ReplyReading
  /** The reply is over or was broken off: the bytes still held back, handed out once. Later bytes are not read any more. */
  end(): readonly Uint8Array[]
  /** Output tokens estimated from the text seen so far (first 256 KiB, scaled). Slow: only where nothing was reported. */
  estimateOutput(): number
}

/** Our own no. `wait`: seconds until it may be tried again; null: waiting does not help. */
export type Refusal = { code: string; status: number; sentence: string; requestId: string; wait: number | null }
export type WireReply = { status: number; headers: Record<string, string>; body: string }

export type Dialect = {
  name: DialectName
  /** The provider that calls with an own credential go to. */
  home: string
  endpoints: readonly DialectEndpoint[]
  /** undefined: not JSON, or not an object. Never throws. */
  readRequest(body: Uint8Array): RequestFacts | undefined
  /** The same bytes with another model name in place. */
  withModel(body: Uint8Array, facts: RequestFacts, model: string): Uint8Array
  /** The same bytes with usage asked for in the stream; undefined where this dialect needs no asking. */
  withUsageAsked(body: Uint8Array, facts: RequestFacts): Uint8Array | undefined
  /** Input tokens estimated from the request's text (first 256 KiB, scaled). Slow: only where nothing was reported. */
  estimateInput(body: Uint8Array): number
  openReply(kind: 'json' | 'sse', options: { dropUsageOnlyChunk: boolean }): ReplyReader
  refuse(refusal: Refusal): WireReply
}
