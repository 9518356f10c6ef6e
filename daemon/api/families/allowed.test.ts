/** May a call go: what each kind of limit answers, which one binds, until when, and where else a call could go. */
import assert from 'node:assert/strict'
import { budgetOf } from '../../../shared/contract/budget.ts'
import type { Config } from '../../../shared/contract/config.ts'
import { type AllowedReply, allowedReply } from '../../../shared/contract/endpoints/allowance.ts'
import type { ApiError } from '../../../shared/contract/error.ts'
import type { QuotaReading, QuotaWindow } from '../../../shared/contract/quota.ts'
import { cooldownEvent, endedEvent, quotaEvent, windowOf } from '../../test/plain-events.ts'
import { localToken, startApi } from '../../test/start-api.ts'

const minute = 60_000
const hour = 60 * minute
const sonnet = 'claude-sonnet-4-5'

describe('whether a call may go', () => {
  let api: Awaited<ReturnType<typeof startApi>>
  let own: { provider: string; windows: QuotaWindow[] }[]
  beforeEach(async () => {
    own = []
    api = await startApi({ countedLimits: () => own })
  })
  afterEach(() => api.close())

  const asks = async (query = '', credential = localToken): Promise<AllowedReply> => {
    const told = await api.as(credential, `/api/usage/allowed${query}`)
    assert.equal(told.status, 200, told.text)
    return allowedReply.parse(told.json)
  }
  const refusedBy = async (query: string, status: number) => {
    const told = await api.as(localToken, `/api/usage/allowed${query}`)
    const { detail, context } = told.json as ApiError
    assert.equal(told.status, status, told.text)
    return [context?.parameter, detail]
  }
  const configure = async (config: Config) =>
    assert.equal(await api.config.live.edit(undefined, () => ({ value: config })), undefined)
  const plan = () => api.record(endedEvent('plan', { billing: 'plan', billed: 0 }))
  const read = (windows: QuotaWindow[], changes: Partial<QuotaReading> = {}) => api.record(quotaEvent(windows, changes))
  const window = (name: string, changes: Partial<QuotaWindow> = {}) =>
    windowOf(name, { measuredAt: api.clock.now, resetsAt: api.clock.now + hour, ...changes })
  const setBudget = (changes: Partial<Parameters<typeof budgetOf>[0]>) =>
    api.record({ type: 'budget.set', budget: budgetOf({ id: 'day', period: 'day', action: 'block', ...changes }) })
  const paid = (call: string, usd: number, changes = {}) =>
    api.record(endedEvent(call, { account: 'sk1', cost: usd * 1e9, billed: usd * 1e9, ...changes }))
  const boundBy = ({ binding_limit: bound }: AllowedReply) => bound && [bound.kind, bound.name]

  it('is yes where nothing is known', async () => {
    assert.deepEqual(await asks(), {
      allowed: true,
      reason: 'A call may go now: nothing is known that could stop it.',
      binding_limit: null,
      retry_at: null,
      remaining: { tokens: null, usd: null, used_pct: null },
      alternatives: [],
    })
    const known = await asks(`?model=${sonnet}&input_tokens=5000`)
    assert.deepEqual(
      [known.allowed, known.reason],
      [true, 'A call may go now, but no limit is stated in tokens or money: nothing is known that could stop it.'],
    )
  })

  it('goes by the windows of the account that was used last, the fullest of which is told', async () => {
    plan()
    read([window('5h', { usedPct: 38 }), window('7d', { usedPct: 71.239 }), window('7d-opus', { usedPct: 99 })])
    const { allowed, reason, binding_limit, remaining } = await asks()
    assert.deepEqual([allowed, reason], [true, 'A call may go now; nearest to its end is 7d, 71% used.'])
    assert.deepEqual(binding_limit, {
      kind: 'quota',
      name: '7d',
      provider: 'anthropic',
      account_label: 'Claude plan',
      used_pct: 71.24,
      unit: null,
      limit: null,
      remaining: null,
      resets_at: '2026-03-10T13:00:00.000Z',
      stale: false,
    })
    assert.deepEqual(remaining, { tokens: null, usd: null, used_pct: 71.24 })
  })

  it('is no while a window is used up, until the last of them is reset', async () => {
    plan()
    const spent = { usedPct: 100, status: 'rejected' as const }
    read([window('5h', spent), window('7d', { ...spent, resetsAt: api.clock.now + 3 * hour }), window('tokens')])
    const told = await asks('?provider=anthropic')
    assert.deepEqual([told.allowed, boundBy(told), told.retry_at], [false, ['quota', '7d'], '2026-03-10T15:00:00.000Z'])
    assert.equal(told.reason, 'The limit 7d of anthropic is used up. Try again at 15:00.')
    // what goes on as paid extra usage is not stopped by the plan
    read([window('7d', spent)], { overageInUse: true })
    assert.equal((await asks()).allowed, true)
  })

  it('says of a window that was not read for long, or was reset since, that it is stale', async () => {
    plan()
    read([window('5h', { usedPct: 97, resetsAt: api.clock.now + hour })])
    api.clock.now += 23 * minute
    const old = await asks()
    assert.equal(old.binding_limit?.stale, true)
    assert.match(old.reason, /5h, 97% used\. That was read 23 min ago and is not confirmed since\.$/)
    api.clock.now += hour
    const reset = await asks()
    assert.deepEqual([reset.binding_limit?.used_pct, reset.binding_limit?.stale], [0, true])
  })

  it('asks of a number of tokens whether each limit of such tokens has room for them', async () => {
    plan()
    const minuteEnds = { resetsAt: api.clock.now + minute }
    read([
      window('tokens', { limit: 40_000, remaining: 12_000, usedPct: 70, ...minuteEnds }),
      window('input-tokens', { limit: 30_000, remaining: 9_000, usedPct: 70, ...minuteEnds }),
      window('output-tokens', { limit: 8_000, remaining: 4_000, usedPct: 50, ...minuteEnds }),
    ])
    const yes = await asks('?input_tokens=9000&output_tokens=3000')
    assert.deepEqual([yes.allowed, yes.remaining], [true, { tokens: 4000, usd: null, used_pct: 70 }])
    assert.equal(yes.reason, '12k tokens fit; nearest to its end is tokens, 70% used.')
    const no = await asks('?input_tokens=9001')
    assert.deepEqual(
      [no.allowed, boundBy(no), no.retry_at],
      [false, ['quota', 'input-tokens'], '2026-03-10T12:01:00.000Z'],
    )
    assert.match(no.reason, /^The limit input-tokens of anthropic has 9k of 30k tokens left, and 9k are wanted\./)
    const never = await asks('?input_tokens=50000')
    assert.deepEqual([never.allowed, never.retry_at], [false, null])
    assert.match(never.reason, /more than all of it\.$/)
  })

  it('is no while the account or its model is avoided', async () => {
    plan()
    api.record(cooldownEvent({ model: 'claude-opus-4-1', refusal: 'plan', until: api.clock.now + hour }))
    assert.equal((await asks(`?model=${sonnet}`)).allowed, true)
    const opus = await asks('?model=anthropic/claude-opus-4-1')
    assert.deepEqual(
      [opus.allowed, boundBy(opus), opus.retry_at],
      [false, ['cooldown', 'plan'], '2026-03-10T13:00:00.000Z'],
    )
    assert.match(opus.reason, /^anthropic says that a limit by hours or days is used up\. Try again at 13:00\.$/)
  })

  it("goes by the user's own limits on a provider", async () => {
    plan()
    const counted = { source: 'counted' as const }
    own = [
      {
        provider: 'anthropic',
        windows: [window('requests-day', { limit: 5, remaining: 0, usedPct: 100, ...counted })],
      },
    ]
    const told = await asks()
    assert.deepEqual([told.allowed, boundBy(told)], [false, ['own-limit', 'requests-day']])
    // one call that is larger than a whole minute goes in an empty one
    own = [
      {
        provider: 'anthropic',
        windows: [window('tokens-minute', { limit: 50, remaining: 50, usedPct: 0, ...counted })],
      },
    ]
    assert.equal((await asks('?input_tokens=80')).allowed, true)
    own = [
      {
        provider: 'anthropic',
        windows: [window('tokens-minute', { limit: 50, remaining: 49, usedPct: 2, ...counted })],
      },
    ]
    assert.equal((await asks('?input_tokens=50')).allowed, false)
  })

  it('holds what so many tokens cost against a budget, where their price is known', async () => {
    paid('a', 9.6)
    setBudget({ limitUsd: 10 })
    // 3 USD a million
    const fits = await asks('?input_tokens=100000')
    assert.deepEqual([fits.allowed, fits.remaining.usd, boundBy(fits)], [true, 0.4, ['budget', 'day']])
    const no = await asks('?input_tokens=150000')
    assert.deepEqual([no.allowed, boundBy(no), no.retry_at], [false, ['budget', 'day'], '2026-03-11T00:00:00.000Z'])
    assert.match(no.reason, /^Daily budget has no room for so much: \$0\.40 is left\./)
    // an answer is held for too: 1,000 tokens at 15 USD a million, where nothing is known of it
    paid('more', 0.39)
    assert.deepEqual([(await asks()).allowed, (await asks('?output_tokens=0')).allowed], [false, true])
    // a little is not nothing
    paid('small', 0.0055)
    assert.match((await asks()).reason, /: \$0\.0045 is left\./)
    const never = await asks('?input_tokens=4000000')
    assert.deepEqual([never.allowed, never.retry_at], [false, null])
    paid('b', 1)
    const stopped = await asks()
    assert.deepEqual(
      [stopped.allowed, stopped.reason],
      [false, 'Daily budget exceeded (10.0 USD). Try again at Wed 00:00.'],
    )
  })

  it('is not stopped by a budget that only warns, is of something else, or of what a plan does not owe', async () => {
    paid('a', 11)
    setBudget({ limitUsd: 10, action: 'warn' })
    setBudget({ id: 'other', limitUsd: 10, scope: { provider: 'openai' } })
    assert.deepEqual([(await asks()).allowed, (await asks()).remaining.usd], [true, null])
    setBudget({ id: 'all', limitUsd: 10 })
    assert.equal((await asks()).allowed, false)
    api.record(endedEvent('plan', { billing: 'plan', billed: 0 }))
    assert.equal((await asks('?provider=anthropic&account=acct-1')).allowed, true)
  })

  it('goes by a budget of the key that asks', async () => {
    paid('a', 11)
    const { row, key } = await api.keys.create({ name: 'k', scope: 'read' })
    paid('b', 11, { key: row.id })
    setBudget({ limitUsd: 10, scope: { key: row.id } })
    assert.equal((await asks('', key)).allowed, false)
    assert.equal((await asks()).allowed, true)
  })

  it("goes by the tier's limits of this month", async () => {
    api.record(endedEvent('plan', { billing: 'plan', usage: { input: 900, output: 10 } }))
    await configure({ account: { tier: 'pro' }, tiers: { pro: { inputTokensLimit: 1000, outputTokensLimit: 10 } } })
    const told = await asks()
    assert.deepEqual([told.allowed, boundBy(told)], [false, ['tier', 'pro output tokens']])
    assert.equal(told.retry_at, '2026-04-01T00:00:00.000Z')
    await configure({ account: { tier: 'pro' }, tiers: { pro: { inputTokensLimit: 1000 } } })
    assert.equal((await asks('?input_tokens=100')).allowed, true)
    const { allowed, reason } = await asks('?input_tokens=101')
    assert.equal(allowed, false)
    assert.match(reason, /^This month's input limit of the tier pro has 100 of 1k tokens left, and 101 are wanted\./)
  })

  describe('along a chain', () => {
    beforeEach(() =>
      configure({
        providers: {
          anthropic: { apiKey: 'sk-a' },
          openrouter: { apiKey: 'sk-o' },
          first: { extends: 'anthropic', baseUrl: 'https://a.example.com', apiKey: 'sk-f' },
        },
        chains: {
          coding: [`first/${sonnet}`, `anthropic/${sonnet}`, `openrouter/anthropic/claude-sonnet-4.5`, 'groq/x'],
        },
        routes: { 'claude-sonnet-*': 'coding' },
      }),
    )
    const avoid = (provider: string, hours: number) =>
      api.record(cooldownEvent({ provider, account: provider, until: api.clock.now + hours * hour }))

    it('is the first target that can serve it, and the others are told', async () => {
      const told = await asks('?model=chain:coding')
      assert.equal(
        told.reason,
        `first/${sonnet} is first in the chain coding. A call may go now: nothing is known that could stop it.`,
      )
      assert.deepEqual(told.alternatives, [
        { target: `anthropic/${sonnet}`, chain: 'coding' },
        { target: 'openrouter/anthropic/claude-sonnet-4.5', chain: 'coding' },
      ])
      avoid('first', 2)
      const next = await asks(`?model=${sonnet}`)
      assert.equal(next.allowed, true)
      assert.match(next.reason, new RegExp(`^anthropic/${sonnet} is the next to serve it in the chain coding\\.`))
    })

    it('is no where none can, until the first of them comes back', async () => {
      avoid('first', 2)
      avoid('anthropic', 1)
      avoid('openrouter', 3)
      const told = await asks('?model=chain:coding')
      assert.deepEqual([told.allowed, told.retry_at, told.alternatives], [false, '2026-03-10T13:00:00.000Z', []])
      assert.match(
        told.reason,
        /^No target of the chain coding can serve it now\. The first to come back is anthropic\//,
      )
    })

    it('names others for a target that cannot serve it', async () => {
      avoid('first', 2)
      const told = await asks(`?provider=first&model=${sonnet}`)
      assert.equal(told.allowed, false)
      assert.deepEqual(told.alternatives, [
        { target: `anthropic/${sonnet}`, chain: 'coding' },
        { target: 'openrouter/anthropic/claude-sonnet-4.5', chain: 'coding' },
      ])
    })

    it('names nothing that the key which asks may not use', async () => {
      const { key } = await api.keys.create({ name: 'k', scope: 'read', providers: ['first', 'openrouter'] })
      const told = await asks('?model=chain:coding', key)
      assert.deepEqual(told.alternatives, [{ target: 'openrouter/anthropic/claude-sonnet-4.5', chain: 'coding' }])
      const none = await api.keys.create({ name: 'n', scope: 'read', providers: ['groq'] })
      const { allowed, reason, binding_limit } = await asks('?model=chain:coding', none.key)
      assert.deepEqual([allowed, binding_limit], [false, null])
      assert.match(reason, /no target that could be asked/)
      const held = await api.keys.create({ name: 'h', scope: 'read', chains: ['other'] })
      assert.equal((await api.as(held.key, '/api/usage/allowed?model=chain:coding')).status, 404)
    })
  })

  it('names what it does not know', async () => {
    plan()
    assert.match(
      (await refusedBy('?provider=antropic', 404)).join(),
      /^provider,There is no provider named "antropic"\. Known are: /,
    )
    assert.match(
      (await refusedBy('?model=claude-sonet-4-5', 404)).join(),
      /^model,No provider is known to sell "claude-sonet-4-5"/,
    )
    assert.match(
      (await refusedBy('?provider=anthropic&model=gpt-5', 404)).join(),
      /^model,anthropic is not known to sell "gpt-5"/,
    )
    assert.match(
      (await refusedBy('?model=chain:nope', 404)).join(),
      /^model,There is no chain named "nope" for this key\./,
    )
    assert.match(
      (await refusedBy('?provider=anthropic&account=x', 404)).join(),
      /^account,Nothing is known of an account "x"/,
    )
    assert.equal((await refusedBy('?account=x', 400))[0], 'account')
    for (const bad of ['-1', '1.5', 'many', '']) {
      const [parameter, detail] = await refusedBy(`?input_tokens=${bad}`, 400)
      assert.equal(parameter, 'input_tokens')
      assert.match(String(detail), /a whole number of tokens/)
    }
  })
})
