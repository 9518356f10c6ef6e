/** What one sending costs us, whatever its upstream takes: by a clock that the test moves. */
import assert from 'node:assert/strict'
import type { Event } from '../../shared/contract/event.ts'
import { openaiChat } from '../dialects/openai-chat/openai-chat.ts'
import { openai } from '../providers/openai.ts'
import type { Call, Target } from './call.ts'
import { type Sender, type SentDeps, sendStep } from './sent.ts'
import type { Step } from './way.ts'

describe('proxy/sent', () => {
  it('counts the time until its line is written and it is handed to the network as ours, and none after that', () => {
    let ms = 12
    const events: Event[] = []
    const call = {
      ...{ id: 'req_1', dialect: openaiChat, endpoint: openaiChat.endpoints[0], folder: null, keyId: null },
      ...{ attribution: {}, credentials: { own: null }, request: { headers: {} }, plain: Buffer.alloc(0) },
      ...{ facts: undefined, model: 'm', startedAt: 0, beganMs: 0, readMs: 10 },
    } as unknown as Call
    const target: Target = { provider: openai, model: null, strategy: 'direct', lent: false }
    const outgoing = { url: { origin: 'http://127.0.0.1:9', path: '/' }, headers: [], body: null }
    const deps = {
      record: (event: Event) => void events.push(event),
      settle: () => {
        ms += 7
      },
      upstream: {
        send(request: { beforeSending(): void }) {
          request.beforeSending()
          return { reply: new Promise(() => {}), abort: () => {} }
        },
      },
      ...{ accounts: { accountOf: () => 'a' }, kept: { note: () => {} }, prices: () => () => null },
      ...{ clock: () => ms, now: () => 0, scrub: (text: string) => text, cooling: () => ({ kind: 'free' }) },
      ...{ cooldownBefore: () => undefined, chance: () => 0, log: { error: assert.fail }, warn: { raise: () => {} } },
    } as unknown as SentDeps
    const sender = { call, response: {}, answered: () => {} } as unknown as Sender
    const step = { target, outgoing, probed: () => {}, entered: { left: () => {} } } as unknown as Step
    const estimate = { usage: null, cost: null, billed: null } as never
    const place = { number: 1, chain: null, strategy: 'direct' as const, skipped: [], estimate, sinceMs: null }
    const { attempt } = sendStep(sender, step, place, undefined, deps)
    ms = 900
    attempt?.end({ outcome: 'aborted', status: null, reading: null, estimateOutput: null, error: null })
    const ended = events.find((event) => event.type === 'attempt.ended')
    assert.deepEqual([ended?.latencyMs, ended?.overheadMs], [900, 9])
  })
})
