/** Where the sandbox shows, in every view. */
import assert from 'node:assert/strict'
import * as z from 'zod/mini'
import { rateLimit } from '../../../shared/contract/endpoints/stats.ts'
import type { Event } from '../../../shared/contract/event.ts'
import { summary } from '../../../shared/contract/summary.ts'
import { endedEvent, entriesOf, quotaEvent, windowOf } from '../../test/plain-events.ts'
import { emptyLedger, fold } from '../ledger.ts'
import { limitsOf } from './limits.ts'
import { rateLimitsOf } from './rate-limits.ts'
import { statsRequestsOf } from './requests.ts'
import { providerStatsOf, statsSummaryOf } from './stats.ts'
import { summaryOf } from './summary.ts'
import { tallyUsage } from './usage.ts'

const now = Date.UTC(2026, 10, 22, 12)
const history = { from: null, segments: 0, bytes: 0, dropped: 0 }
const about = { instanceId: 'i-1', version: '0.1.0', url: 'http://127.0.0.1:8655', inFlight: 2, warnings: [], history }

const sandbox = { provider: 'sandbox', account: 'sandbox', billing: 'simulated' } as const
const simulatedCall = endedEvent('s', { ...sandbox, usage: { input: 7 }, cost: 5_000_000, billed: 0 })
const simulatedQuota = quotaEvent([windowOf('requests', { measuredAt: now, limit: 10, remaining: 9 })], sandbox)
const realCall = endedEvent('r', { usage: { input: 100 }, billed: 2_000_000 })

function after(...events: Event[]) {
  const ledger = emptyLedger('UTC')
  for (const entry of entriesOf(events.map((e) => [now - 1000, e]))) fold(ledger, entry)
  return ledger
}

/** What each view shows, in one line. */
function shown(ledger: ReturnType<typeof after>, only?: 'only') {
  const tally = tallyUsage(ledger, now, { group_by: 'provider', simulated: only })
  const usage = 'bad' in tally ? tally : tally.reply([])
  assert.ok('total' in usage)
  return {
    usage: [usage.simulated, usage.total.tokens, ...usage.groups.map((group) => group.key[0])],
    requests: statsRequestsOf(ledger, undefined, only).map((row) => row.id),
    providers: providerStatsOf(ledger, only).map((row) => [row.providerId, row.simulated]),
    calls: [statsSummaryOf(ledger, only).simulated, statsSummaryOf(ledger, only).totalTokens],
    limits: limitsOf(ledger, now, only).map((row) => [row.provider, row.account_label]),
    rateLimits: rateLimitsOf(ledger, now, only).map((row) => row.provider),
  }
}

const ofSandbox = {
  usage: [true, 7, 'sandbox'],
  requests: ['s'],
  providers: [['sandbox', true]],
  calls: [true, 7],
  limits: [['sandbox', 'Sandbox']],
  rateLimits: ['sandbox'],
}

describe('simulated calls', () => {
  it('are shown, and named so, while there is no real one', () => {
    const ledger = after(simulatedCall, simulatedQuota)
    assert.deepEqual(shown(ledger), ofSandbox)
    const first = summary.parse(summaryOf(ledger, now, about))
    assert.deepEqual([first.simulated, first.today.tokens, first.all_time.tokens, first.recent.length], [true, 7, 7, 1])
    assert.deepEqual([first.headline.kind, first.in_flight], ['spend', 2])
  })

  it('are in no view once a real call was made, but where they are asked for', () => {
    const ledger = after(simulatedCall, simulatedQuota, realCall)
    assert.deepEqual(shown(ledger), {
      usage: [false, 100, 'anthropic'],
      requests: ['r'],
      providers: [['anthropic', false]],
      calls: [false, 100],
      limits: [],
      rateLimits: [],
    })
    assert.deepEqual(shown(ledger, 'only'), ofSandbox)
    const first = summary.parse(summaryOf(ledger, now, about))
    assert.deepEqual(
      [first.simulated, first.today.tokens, first.month.billed_usd, first.all_time.requests],
      [false, 100, 0.002, 1],
    )
    assert.deepEqual(first.headline.kind === 'spend' && first.headline.billed_usd, 0.002)
  })

  it('never push a real call out of the list', () => {
    const ledger = after(
      realCall,
      ...Array.from({ length: 2100 }, (_, at) => ({ ...simulatedCall, attempt: `s${at}.1` })),
    )
    assert.deepEqual(
      statsRequestsOf(ledger).map((row) => row.id),
      ['r'],
    )
    assert.equal(statsRequestsOf(ledger, '9999', 'only').length, 200)
  })

  it('leave a ledger without any call at real', () => {
    assert.equal(shown(after()).usage[0], false)
    assert.doesNotThrow(() => z.array(rateLimit).parse(rateLimitsOf(after(simulatedQuota), now)))
  })
})
