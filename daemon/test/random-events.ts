/** Random but valid histories, for properties of the ledger and the store: numbered without a gap, attempts started before they end. */
import fc from 'fast-check'
import type { AttemptEnded, AttemptStarted, CallRefused, Entry, Event, QuotaRead } from '../../shared/contract/event.ts'
import { refusalKind } from '../../shared/contract/refusal.ts'
import type { Usage } from '../../shared/contract/usage.ts'

export type HistoryOptions = {
  origin?: string
  /** Epoch ms of the first event. */
  start?: number
  /** Most ms between two events. */
  step?: number
  maxLength?: number
  minLength?: number
  /** Ids of keys that some calls come with; none unless said. */
  keys?: readonly string[]
}

// Names that break careless code: prototypes, separators, other scripts, nothing.
const oddNames = ['__proto__', 'constructor', 'a"b', 'c,d', '[1]', 'Überwachung', '模型', 'other', 'x'.repeat(200)]
const nameOf = (...usual: string[]) => fc.constantFrom(...usual, ...usual, ...usual, ...oddNames)
const orNull = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null })
/** With the prototype that events read from JSON have. */
const recordOf = <T>(of: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record<T>(of, { noNullPrototype: true })
const tokens = fc.oneof(fc.constant(0), fc.nat(2_000), fc.nat(2_000_000))
const nano = fc.nat(2_000_000_000)
const ms = fc.double({ min: 0, max: 600_000, noNaN: true })

const dimensions = recordOf({
  dialect: fc.constantFrom('openai-chat' as const, 'anthropic' as const),
  endpoint: fc.constantFrom('/v1/chat/completions', '/v1/messages'),
  stream: fc.boolean(),
  strategy: fc.constantFrom('direct' as const, 'pinned' as const, 'routed' as const, 'failover' as const),
  provider: nameOf('anthropic', 'openai', 'sandbox'),
  account: nameOf('acct-1', 'acct-2'),
  model: nameOf('claude-sonnet-4-5', 'gpt-5'),
  chain: orNull(nameOf('coding')),
  client: nameOf('claude-code', 'openai-node'),
  task: nameOf('generation', 'vlm'),
  folder: orNull(nameOf('0a1b2c3d')),
  user: orNull(nameOf('ann')),
  feature: orNull(nameOf('chat')),
  session: orNull(nameOf('s-1', 's-2')),
  billing: fc.constantFrom(
    'metered' as const,
    'plan' as const,
    'overage' as const,
    'local' as const,
    'simulated' as const,
  ),
})

const usage: fc.Arbitrary<Usage> = recordOf({
  input: tokens,
  cacheRead: tokens,
  cacheWrite5m: tokens,
  cacheWrite1h: tokens,
  output: tokens,
  reasoning: tokens,
})

const ending = recordOf({
  outcome: fc.constantFrom('ok', 'ok', 'ok', 'refused', 'failed', 'truncated', 'aborted', 'interrupted' as const),
  status: orNull(fc.constantFrom(200, 400, 429, 500, 529)),
  usage: orNull(usage),
  usageSource: fc.constantFrom('reported' as const, 'estimated' as const, 'none' as const),
  money: orNull(recordOf({ cost: nano, billed: nano })),
  latencyMs: ms,
  ttftMs: orNull(ms),
  overheadMs: ms,
  error: orNull(fc.string({ maxLength: 512 })),
  upstreamId: orNull(fc.string({ maxLength: 40 })),
  /** The call goes on to another target. */
  goesOn: fc.boolean(),
})

const refusal: fc.Arbitrary<Omit<CallRefused, 'call'>> = recordOf({
  type: fc.constant('call.refused' as const),
  code: fc.constantFrom('bad_key', 'bad_json', 'unknown_provider'),
  status: fc.constantFrom(401, 400, 404),
  dialect: orNull(fc.constantFrom('openai-chat' as const, 'anthropic' as const)),
  endpoint: fc.constantFrom('/v1/chat/completions', '/v1/messages'),
  client: nameOf('claude-code'),
  provider: orNull(nameOf('openai')),
})

const window = recordOf({
  name: fc.constantFrom('5h', '7d', 'requests', 'tokens', '__proto__'),
  usedPct: orNull(fc.double({ min: 0, max: 150, noNaN: true })),
  limit: orNull(fc.nat(1_000_000)),
  remaining: orNull(fc.nat(1_000_000)),
  /** From the event's time. */
  resetsIn: orNull(fc.integer({ min: -60_000, max: 7 * 86_400_000 })),
  status: orNull(fc.constantFrom('allowed' as const, 'warning' as const, 'rejected' as const)),
  source: fc.constantFrom('header' as const, 'event' as const, 'body' as const),
  /** Before the event's time. */
  age: fc.oneof(fc.constant(0), fc.nat(3_600_000)),
})

const quota = recordOf({
  provider: nameOf('anthropic', 'openai'),
  account: nameOf('acct-1', 'acct-2'),
  model: orNull(nameOf('gpt-5')),
  windows: fc.array(window, { maxLength: 4 }),
  representative: orNull(fc.constantFrom('5h', '7d')),
  overageInUse: orNull(fc.boolean()),
})

const target = {
  provider: nameOf('anthropic', 'openai'),
  account: nameOf('acct-1', 'acct-2'),
  model: orNull(nameOf('gpt-5')),
}

const cooldown = fc.oneof(
  recordOf({
    type: fc.constant('cooldown.set' as const),
    ...target,
    /** From the event's time. */
    until: fc.integer({ min: 1, max: 9 * 86_400_000 }),
    refusal: fc.constantFrom(...refusalKind.options),
    strikes: fc.integer({ min: 1, max: 20 }),
    attempt: orNull(fc.constant('req_x.1')),
  }),
  recordOf({
    type: fc.constant('cooldown.ended' as const),
    ...target,
    why: fc.constantFrom('answered' as const, 'limit-read' as const),
  }),
  recordOf({
    type: fc.constant('cooldown.lifted' as const),
    ...target,
    account: orNull(target.account),
    why: fc.constantFrom('asked' as const, 'provider-changed' as const),
  }),
)

/** What happens next; turned into events one after another, for an end needs its start. */
const happening = fc.oneof(
  {
    weight: 5,
    arbitrary: recordOf({ kind: fc.constant('start' as const), named: dimensions, in: tokens, out: tokens }),
  },
  { weight: 5, arbitrary: recordOf({ kind: fc.constant('end' as const), which: fc.nat(), as: ending }) },
  { weight: 1, arbitrary: recordOf({ kind: fc.constant('refuse' as const), refusal }) },
  { weight: 2, arbitrary: recordOf({ kind: fc.constant('quota' as const), quota }) },
  { weight: 2, arbitrary: recordOf({ kind: fc.constant('cooldown' as const), cooldown }) },
)
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never

/** Histories of one origin, numbered from 1. Some attempts at the end are still open. */
export function histories(options: HistoryOptions = {}): fc.Arbitrary<Entry[]> {
  const {
    origin = 'home-1',
    start = Date.UTC(2026, 2, 27, 20),
    step = 7_200_000,
    minLength = 0,
    maxLength = 120,
    keys = [],
  } = options
  const steps = fc.array(fc.tuple(fc.nat(step), happening), { minLength, maxLength })
  return steps.map((all) => {
    const entries: Entry[] = []
    const open: AttemptStarted[] = []
    let t = start
    let calls = 0
    for (const [wait, what] of all) {
      t += wait
      const call = `req_${String(calls).padStart(26, '0')}`
      const key = keys[calls % (keys.length + 1)]
      const e = eventOf(what, t, call, open, key)
      if (!e) continue
      if (e.type === 'attempt.started' || e.type === 'call.refused') calls += 1
      entries.push({ origin, n: entries.length + 1, t, e })
    }
    return entries
  })
}

function eventOf(what: Happening, t: number, call: string, open: AttemptStarted[], key?: string): Event | undefined {
  switch (what.kind) {
    case 'start': {
      const estimate = { input: what.in, output: what.out }
      const e: AttemptStarted = {
        type: 'attempt.started',
        call,
        attempt: `${call}.1`,
        ...what.named,
        estimate,
        ...(key && { key }),
      }
      open.push(e)
      return e
    }
    case 'end': {
      const [started] = open.splice(what.which % Math.max(1, open.length), 1)
      return started && endOf(started, t, what.as)
    }
    case 'refuse':
      return { ...what.refusal, call }
    case 'quota':
      return readingOf(what.quota, t)
    case 'cooldown': {
      const { cooldown } = what
      return cooldown.type === 'cooldown.set' ? { ...cooldown, until: t + cooldown.until } : cooldown
    }
  }
}

function endOf(
  started: AttemptStarted,
  t: number,
  as: typeof ending extends fc.Arbitrary<infer T> ? T : never,
): AttemptEnded {
  const { type: _type, estimate: _estimate, ...named } = started
  const { goesOn, money, ...rest } = as
  return {
    type: 'attempt.ended',
    ...named,
    last: !goesOn || rest.outcome === 'ok',
    attempts: 1,
    startedAt: t - Math.round(rest.latencyMs),
    ...rest,
    cost: money?.cost ?? null,
    billed: money?.billed ?? null,
    price: money && { source: 'catalogue', version: '1' },
  }
}

function readingOf(read: typeof quota extends fc.Arbitrary<infer T> ? T : never, t: number): QuotaRead {
  const windows = read.windows.map(({ resetsIn, age, ...rest }) => ({
    ...rest,
    resetsAt: resetsIn === null ? null : t + resetsIn,
    measuredAt: t - age,
  }))
  return { type: 'quota.read', ...read, windows }
}
