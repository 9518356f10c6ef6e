/** Events for tests, whole and valid, with what a test cares about put in. */
import type { AttemptEnded } from '../../shared/contract/event.ts'

/** A call that went well at its first attempt. */
export function ended(more: Partial<AttemptEnded> = {}): AttemptEnded {
  const call = more.call ?? 'req_01ARZ3NDEKTSV4RRFFQ69G5FAV'
  return {
    type: 'attempt.ended',
    call,
    attempt: `${call}.1`,
    dialect: 'openai-chat',
    endpoint: '/v1/chat/completions',
    stream: false,
    strategy: 'direct',
    provider: 'openai',
    account: 'abcdef012345',
    model: 'gpt-5',
    chain: null,
    client: 'openai-sdk',
    task: 'generation',
    folder: null,
    user: null,
    feature: null,
    session: null,
    billing: 'metered',
    last: true,
    attempts: 1,
    startedAt: Date.parse('2026-03-10T11:59:59Z'),
    status: 200,
    outcome: 'ok',
    usage: { input: 100, cacheRead: 20, cacheWrite5m: 0, cacheWrite1h: 0, output: 30, reasoning: 10 },
    usageSource: 'reported',
    cost: 1_500_000,
    billed: 1_500_000,
    price: { source: 'catalogue', version: 'test' },
    latencyMs: 1000,
    ttftMs: 200,
    overheadMs: 1,
    error: null,
    upstreamId: null,
    ...more,
  }
}
