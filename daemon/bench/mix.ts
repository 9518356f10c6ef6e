/** What a long history is made of: calls as people make them, in sessions, or with every name drawn by lot as the worst case. */
import type { AttemptEnded, AttemptStarted, Event } from '../../shared/contract/event.ts'
import type { Usage } from '../../shared/contract/usage.ts'

/**
 * `sessions`: 20 to 60 calls in a row in one folder with one client and one model, one in ten of them with the small model
 * beside it; each call sends again what was said before it. `lot`: models, clients, folders and providers drawn anew for each call.
 */
export type Mix = 'sessions' | 'lot'

type QuotaRead = Extract<Event, { type: 'quota.read' }>
/** What the book is told of one call. */
export type CallEvents = { started: AttemptStarted; quota: QuotaRead | null; ended: AttemptEnded }
type Names = Pick<AttemptEnded, 'provider' | 'model' | 'client' | 'folder' | 'session'>
type Drawn = { names: Names; usage: Usage }

const many = (what: string, count: number) => Array.from({ length: count }, (_, i) => `${what}-${i + 1}`)
const models = many('a-model', 30)
const clients = many('client', 8)
const folders = many('folder', 50)
const providers = ['anthropic', 'openai', 'gemini', 'openrouter']

/** Answers one call after the other, each with the id and the time (epoch ms) that it is given. */
export function openMix(mix: Mix, random: () => number): (call: string, at: number) => CallEvents {
  const drawn = mix === 'lot' ? byLot(random) : bySession(random)
  return (call, at) => {
    const { names, usage } = drawn()
    const dimensions = {
      call,
      attempt: `${call}.1`,
      dialect: 'anthropic',
      endpoint: '/v1/messages',
      stream: true,
      strategy: 'direct',
      account: 'a1b2c3d4e5f6',
      chain: null,
      task: 'generation',
      user: null,
      feature: 'chat',
      billing: 'metered',
      ...names,
    } as const
    const cost = usage.input * 3000 + usage.cacheRead * 300 + usage.cacheWrite5m * 3750 + usage.output * 15_000
    const latencyMs = Math.floor(random() * 200_000) / 10
    const ended: AttemptEnded = {
      type: 'attempt.ended',
      ...dimensions,
      last: true,
      attempts: 1,
      startedAt: at - Math.ceil(latencyMs),
      status: 200,
      outcome: 'ok',
      usage,
      usageSource: 'reported',
      cost,
      billed: cost,
      price: { source: 'catalogue', version: 'genai-prices 0.1.8' },
      latencyMs,
      ttftMs: Math.floor(random() * latencyMs * 10) / 10,
      overheadMs: Math.floor(random() * 10) / 10,
      error: null,
      upstreamId: `req_011C${lettersOf(random, 20)}`,
    }
    const estimate = { input: usage.input + usage.cacheRead, output: 0 }
    const quota = names.provider === 'anthropic' ? quotaOf(at, random) : null
    return { started: { type: 'attempt.started', ...dimensions, estimate }, quota, ended }
  }
}

/** As the headers of a plan's answer state its two windows. */
function quotaOf(at: number, random: () => number): QuotaRead {
  const windows = [5, 7 * 24].map((hours) => ({
    name: hours === 5 ? '5h' : '7d',
    usedPct: Math.floor(random() * 100),
    limit: null,
    remaining: null,
    resetsAt: (Math.floor(at / (hours * 3_600_000)) + 1) * hours * 3_600_000,
    status: 'allowed' as const,
    source: 'header' as const,
    measuredAt: at,
  }))
  const of = { provider: 'anthropic', account: 'a1b2c3d4e5f6', model: null }
  return { type: 'quota.read', ...of, windows, representative: '5h', overageInUse: false }
}

/** People work with a few models, in a few folders, most of the time. */
const placeIn = (of: readonly string[], random: () => number) => Math.floor(random() ** 3 * of.length)

function namesOf(model: number, random: () => number): Names {
  return {
    provider: providers[model % providers.length] ?? '',
    model: models[model] ?? '',
    client: clients[placeIn(clients, random)] ?? '',
    folder: folders[placeIn(folders, random)] ?? '',
    session: lettersOf(random, 32),
  }
}

function bySession(random: () => number): () => Drawn {
  const upTo = (most: number) => Math.floor(random() * most)
  let left = 0
  let names = namesOf(0, random)
  let context = 0
  return () => {
    if (left-- === 0) {
      left = 19 + upTo(41)
      names = namesOf(placeIn(models, random), random)
      context = 12_000
    }
    if (random() < 0.1) {
      return { names: { ...names, model: `${names.model}-small` }, usage: usageOf(upTo(2000), 0, 0, upTo(100)) }
    }
    const [written, output] = [upTo(3000), upTo(1200)]
    const usage = usageOf(upTo(12), context, written, output)
    context += written + output
    return { names, usage }
  }
}

function byLot(random: () => number): () => Drawn {
  const size = () => Math.floor(random() * 20_000)
  return () => {
    const provider = providers[placeIn(providers, random)] ?? ''
    const names = { ...namesOf(placeIn(models, random), random), provider }
    return { names, usage: usageOf(size(), size(), size(), size()) }
  }
}

function usageOf(input: number, cacheRead: number, cacheWrite5m: number, output: number): Usage {
  return { input, cacheRead, cacheWrite5m, cacheWrite1h: 0, output, reasoning: 0 }
}

function lettersOf(random: () => number, count: number): string {
  let text = ''
  for (let i = 0; i < count; i++) text += Math.floor(random() * 36).toString(36)
  return text
}

/** From 0 to 1, the same for the same seed: mulberry32 (T. Ettinger, public domain). */
export function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
