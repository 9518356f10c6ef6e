/** Events for tests, whole and valid, with what a test cares about put in. */
import type { AttemptEnded } from '../../shared/contract/event.ts'
import { endedEvent } from './plain-events.ts'

/** A call that went well at its first attempt. */
export function ended(more: Partial<AttemptEnded> = {}): AttemptEnded {
  return endedEvent(more.call ?? 'req_01ARZ3NDEKTSV4RRFFQ69G5FAV', {
    dialect: 'openai-chat',
    endpoint: '/v1/chat/completions',
    stream: false,
    provider: 'openai',
    account: 'abcdef012345',
    model: 'gpt-5',
    client: 'openai-sdk',
    startedAt: Date.parse('2026-03-10T11:59:59Z'),
    usage: { input: 100, cacheRead: 20, output: 30, reasoning: 10 },
    cost: 1_500_000,
    billed: 1_500_000,
    price: { source: 'catalogue', version: 'test' },
    latencyMs: 1000,
    ttftMs: 200,
    ...more,
  })
}
