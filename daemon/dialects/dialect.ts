/** What a dialect must do: read requests and replies of one wire format, splice its bytes, and say our no in its words. */
import type { DialectName } from '../../shared/contract/event.ts'
import type { AudioUsage, Usage } from '../../shared/contract/usage.ts'
import type { Tier } from './tier.ts'
import type { Within } from './within.ts'

/** Bytes `from` (with) to `to` (without) of a body. */
export type Span = { from: number; to: number }

export type DialectEndpoint = {
  method: string
  /**
   * As a client without a prefix sends it, e.g. `/v1/chat/completions`; also its route template in the journal. `{id}` stands
   * for one segment or a part of it, `{model}` for a name, in which there may be slashes, `{name}` for all that is left. A
   * pinned path means this endpoint where it ends like the path without its version.
   */
  path: string
  /** Whether its tokens are counted, or only that there was a call, or (token counts, lists of models) not even that. */
  counts: 'tokens' | 'request' | 'nothing'
  /** The answer holds no words of a model (vectors): where its usage was not told, only the request's is estimated. */
  wordless?: true
  /** The answer comes bit by bit whatever its content type says. */
  streams?: true
  /** A list of models or one of them: holders of our keys get ours. */
  models?: 'list' | 'one'
  /** Both bodies pass through without being held or read. */
  unread?: true
}

/** What the path said beside its endpoint: the part that stands for `{model}`, `{id}` or `{name}`, decoded. */
export type AskedAt = { endpoint: DialectEndpoint; named: string | null }

/** What is sent: the path below the base URL without a leading slash, and the body. */
export type PathAndBody = { rest: string; body: Uint8Array }

/** What a request tells without its body being parsed whole: the bytes stay as they came. */
export type RequestFacts = {
  model: string | null
  stream: boolean
  /** The client itself asked for usage in the stream (`stream_options.include_usage`), or this dialect always tells it. */
  asksUsage: boolean
  hasImages: boolean
  /** Ids that tie the call to one account's server-side state (it must never go to another one). */
  serverState: boolean
  /** The stored answer it goes on from (`previous_response_id`), if it names one. */
  goesOnFrom: string | null
  /**
   * It carries thoughts of a model that only the organization can read in which it had them; elsewhere it is refused
   * (`invalid_encrypted_content`, seen 2026 at OpenAI).
   */
  sealed?: true
  /** What the body says of who calls: a session, an account id on the wire. Empty strings count as absent. */
  session: string | null
  wireAccount: string | null
  /** Most output tokens that the caller allows, of all answers together where it asks for several. */
  maxOutput: number | null
  /** How it asks to be served; absent: it leaves that to the provider. */
  tier?: Tier
  /** Where it asks to be kept within; absent: it leaves that to the provider. */
  within?: Within
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
  /** The part of the usage that is sound; absent: none. */
  audio?: AudioUsage
  /** It made images: their tokens, or they themselves, cost other than words do. */
  images?: true
  /** How it was served, which may be another way than was asked for; absent: it does not say. */
  tier?: Tier
  /** Where it was kept within; absent: it does not say. */
  within?: Within
  /** The id under which the provider keeps the answer for later calls, where it does. */
  keptAs: string | null
  /** The provider works on in the background: what it used is told later, to whoever asks for `keptAs`. */
  underWay?: true
  /** JSON that states limits beside the headers: an event of its own in a stream, or the body of a refusal. */
  quota: unknown
}

export type ReplyReader = {
  /**
   * Takes the next bytes of the decoded reply. `pass` is what goes to the client: the same bytes, but for the usage-only chunk
   * that was asked for on the client's behalf. `terminal`: with these bytes the answer is complete.
   */
  read(chunk: Uint8Array): { pass: readonly Uint8Array[]; terminal: boolean }
  /** What the reply has told so far. Any time, any number of times, before and after `end`. */
  reading(): ReplyReading
  /** What told of the reading's error, parsed: an event or the body; undefined: nothing did, or it is too large. */
  errorJson(): unknown
  /** The reply is over or was broken off: the bytes still held back, handed out once. Later bytes are not read any more. */
  end(): readonly Uint8Array[]
  /** Output tokens estimated from the text seen so far (first 256 KiB, scaled). Slow: only where nothing was reported. */
  estimateOutput(): number
}

/** Our own no. */
export type Refusal = {
  code: string
  status: number
  sentence: string
  requestId: string
  /** Seconds until it may be tried again; null: waiting does not help. */
  wait: number | null
  /** Stands beside the error, for programs. */
  context?: Record<string, unknown>
  /** The user wants this status where a dialect's own would be one at which clients stop. */
  final?: 429
}
export type WireReply = { status: number; headers: Record<string, string>; body: string }

/** A model that holders of our keys may ask for, by the name they ask with. `provider` as people know it. */
export type OfferedModel = { name: string; provider: string }

export type Dialect = {
  name: DialectName
  /** The provider that calls with an own credential go to. */
  home: string
  endpoints: readonly DialectEndpoint[]
  /** undefined: the body is not JSON, or not an object. Never throws. */
  readRequest(body: Uint8Array, at: AskedAt): RequestFacts | undefined
  /** The same request with another model name in place. */
  withModel(sent: PathAndBody, model: string): PathAndBody
  /** The same bytes with usage asked for in the stream; undefined where this dialect needs no asking. */
  withUsageAsked(body: Uint8Array, facts: RequestFacts): Uint8Array | undefined
  /** Input tokens estimated from the request's text (first 256 KiB, scaled). Slow: only where nothing was reported. */
  estimateInput(body: Uint8Array): number
  /** Events that a stream begins with before there is anything of an answer: an error may still follow. Absent: there are none. */
  prelude?: ReadonlySet<string>
  /** A header of replies that says how the call was served, before all that the body says of it. Absent: there is none. */
  tierHeader?: string
  openReply(kind: 'json' | 'sse', options: { dropUsageOnlyChunk: boolean }): ReplyReader
  refuse(refusal: Refusal): WireReply
  /** The body of a list of models, and of one of them. `at`: epoch ms, for what must tell when it was made. */
  listModels(models: readonly OfferedModel[], at: number): string
  showModel(model: OfferedModel, at: number): string
}
