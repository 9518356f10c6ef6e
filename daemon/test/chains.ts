/** A daemon with chains over upstreams on loopback, whose clock a story moves: what the stories of failover have in common. */
import { defaultBounds, type HoldBounds } from '../proxy/held-reply.ts'
import { type Exchange, exchange } from './exchange.ts'
import { type Story, start } from './start.ts'
import { type Plays, type ReceivedRequest, startUpstream, type Upstream } from './upstream.ts'

export const json = [['content-type', 'application/json']] as const
export const sse = [['content-type', 'text/event-stream']] as const
export const answer =
  '{"id":"a","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}}'
export const good = { headers: json, body: answer } satisfies Plays
export const chunk = (text: string) => `data: {"model":"m","choices":[{"index":0,"delta":{"content":"${text}"}}]}\n\n`
export const ending =
  'data: {"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: {"model":"m","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5,"total_tokens":12}}\n\ndata: [DONE]\n\n'

export function refused(
  status: number,
  error: Record<string, unknown> = {},
  headers: readonly (readonly [string, string])[] = [],
) {
  return { status, headers: [...json, ...headers], body: JSON.stringify({ error: { message: 'no', ...error } }) }
}
export const rate = (after = '20') => refused(429, { code: 'rate_limit_exceeded' }, [['retry-after', after]])

export type Chains = {
  story: Story
  /** What the chains' providers `one`, `two` and `three` really are. */
  one: Upstream
  two: Upstream
  three: Upstream
  key: string
  /** Moves the wall clock on. */
  wait(ms: number): void
  ask(chain: string, more?: Record<string, unknown>, headers?: Record<string, string>): Promise<Exchange>
  /** How many requests reached each. */
  sent(): number[]
  /** The call's attempts: target, strategy, outcome and refusal of each. */
  attemptsOf(reply: Exchange): Promise<string[]>
  /** All targets answer, and what stood before is long over. */
  anew(): void
  end(): Promise<void>
}

export const idOf = (reply: Exchange) => String(reply.headers['x-tollkeeper-request-id'])
export const modelIn = (request: ReceivedRequest | undefined) =>
  (JSON.parse(String(request?.body)) as { model: string }).model

/** `more`: beside `one`, `two` and `three`, of which it may change what they are. */
export async function startChains(
  chains: Record<string, string[]>,
  more: (urls: string[]) => Record<string, Record<string, unknown>> = () => ({}),
  bounds: Partial<HoldBounds> = {},
): Promise<Chains> {
  let at = 1_790_000_000_000
  const [one, two, three] = [await startUpstream(), await startUpstream(), await startUpstream()]
  const ups = [one, two, three]
  const named = ['one', 'two', 'three'].map((id, i) => [
    id,
    { extends: 'openai', baseUrl: `${ups[i]?.url}/v1`, apiKey: `sk-lent-number-${id}` },
  ])
  const providers = { ...Object.fromEntries(named), ...more(ups.map(({ url }) => url)) } as Record<string, never>
  const story = await start({ now: () => at, bounds: { ...defaultBounds, ...bounds }, config: { providers, chains } })
  const key = await story.key()
  return {
    story,
    one,
    two,
    three,
    key,
    wait: (ms) => {
      at += ms
    },
    ask: (chain, body = {}, headers = {}) =>
      exchange(`${story.url}/v1/chat/completions`, {
        headers: { authorization: `Bearer ${key}`, ...headers },
        body: JSON.stringify({ model: `chain:${chain}`, messages: [{ role: 'user', content: 'hi' }], ...body }),
      }),
    sent: () => ups.map((up) => up.requests.length),
    attemptsOf: async (reply) =>
      (await story.ask('request', { params: { id: idOf(reply) } })).attempts.map(
        ({ provider, model, strategy, outcome, refusal }) =>
          [provider, model, strategy, outcome, refusal].filter((part) => part !== null).join(' '),
      ),
    anew: () => {
      at += 30 * 86_400_000
      for (const up of ups) {
        up.script(good)
        up.requests.length = 0
      }
    },
    end: async () => {
      await story.end()
      for (const up of ups) await up.close()
    },
  }
}
