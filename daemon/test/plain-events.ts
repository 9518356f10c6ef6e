/** Events for tests that need just one fact: everything else is the plainest call there is. */
import type { Budget } from '../../shared/contract/budget.ts'
import type { AttemptEnded, AttemptStarted, CooldownSet, Entry, Event } from '../../shared/contract/event.ts'
import type { QuotaReading, QuotaWindow } from '../../shared/contract/quota.ts'
import { noUsage, type Usage } from '../../shared/contract/usage.ts'

export function startedEvent(call: string, changes: Partial<AttemptStarted> = {}): AttemptStarted {
  return {
    type: 'attempt.started',
    call,
    attempt: `${call}.1`,
    dialect: 'anthropic',
    endpoint: '/v1/messages',
    stream: true,
    strategy: 'direct',
    provider: 'anthropic',
    account: 'acct-1',
    model: 'claude-sonnet-4-5',
    chain: null,
    client: 'claude-code',
    task: 'generation',
    folder: null,
    user: null,
    feature: null,
    session: null,
    billing: 'metered',
    estimate: { input: 0, output: 0 },
    ...changes,
  }
}

/** `usage` in part: what is not given was not used. Costs 1,000 nano-dollars unless said. */
export function endedEvent(
  call: string,
  { usage = {}, ...changes }: Partial<Omit<AttemptEnded, 'usage'>> & { usage?: Partial<Usage> | null } = {},
): AttemptEnded {
  const { estimate: _estimate, ...named } = startedEvent(call)
  return {
    ...named,
    type: 'attempt.ended',
    last: true,
    attempts: 1,
    startedAt: 0,
    status: 200,
    outcome: 'ok',
    usage: usage && { ...noUsage, ...usage },
    usageSource: 'reported',
    cost: 1000,
    billed: 1000,
    price: { source: 'catalogue', version: '1' },
    latencyMs: 100,
    ttftMs: 50,
    overheadMs: 1,
    error: null,
    upstreamId: null,
    ...changes,
  }
}

export function windowOf(name: string, changes: Partial<QuotaWindow> & Pick<QuotaWindow, 'measuredAt'>): QuotaWindow {
  return {
    name,
    usedPct: null,
    limit: null,
    remaining: null,
    resetsAt: null,
    status: null,
    source: 'header',
    ...changes,
  }
}

export function quotaEvent(windows: QuotaWindow[], changes: Partial<QuotaReading> = {}): Event {
  const named = { provider: 'anthropic', account: 'acct-1', model: null, representative: null, overageInUse: null }
  return { type: 'quota.read', ...named, windows, ...changes }
}

/** Of all models of the account, for a limit by the minute. */
export function cooldownEvent(changes: Partial<CooldownSet> & Pick<CooldownSet, 'until'>): CooldownSet {
  return {
    type: 'cooldown.set',
    provider: 'anthropic',
    account: 'acct-1',
    model: null,
    refusal: 'rate',
    strikes: 1,
    attempt: null,
    ...changes,
  }
}

/** Of every call in a month, in USD; 10 dollars that only warn, unless said. */
export function budgetFor(changes: Partial<Budget>): Budget {
  return {
    id: 'one',
    scope: {},
    period: 'month',
    unit: 'usd',
    limit: 10_000_000_000,
    basis: 'billed',
    warnAt: [0.8],
    action: 'warn',
    downgrade: null,
    strict: false,
    ...changes,
  }
}

/** Numbered from 1 in one origin; each event with the instant (epoch ms or ISO 8601) it happened at. */
export function entriesOf(events: readonly (readonly [number | string, Event])[]): Entry[] {
  return events.map(([at, e], index) => ({
    origin: 'home-1',
    n: index + 1,
    t: typeof at === 'number' ? at : Date.parse(at),
    e,
  }))
}
