/** Views as the feed would have made them, for tests of what is shown of them. */
import type { Headline, RequestRow, Standing, WindowRow } from '../../shared/contract/rows.ts'
import { totals, windowRow } from '../../shared/test/samples.ts'
import { emptyView, type View } from '../../shared/view.ts'
import type { StatusInput } from '../status-text.ts'

export { budgetRow, limitRow, windowRow } from '../../shared/test/samples.ts'

/** Friday, 14:00 in UTC. */
export const now = Date.parse('2026-11-20T14:00:00Z')
export const timeZone = 'UTC'

export function requestRow(some: Partial<RequestRow> = {}): RequestRow {
  return {
    id: 'req_1',
    timestamp: '2026-11-20T13:59:00Z',
    provider: 'anthropic',
    account: 'acc',
    account_label: 'Claude plan',
    model: 'claude-opus-5-5',
    client: 'claude-code',
    task: '',
    folder: null,
    session: null,
    chain: null,
    billing: 'plan',
    outcome: 'ok',
    http_status: 200,
    attempts: 1,
    stream: true,
    tokens: 13_000,
    tokens_input: 12_400,
    tokens_output: 600,
    tokens_cache_read: 10_000,
    tokens_cache_write: 0,
    usage_source: 'reported',
    cost_usd: 0.09,
    billed_usd: 0,
    latency_ms: 4100,
    ttft_ms: 300,
    error: null,
    ...some,
  }
}

type StatedHeadline = Extract<Headline, { kind: 'window' }>

export function windowHeadline(
  window: Partial<WindowRow> = {},
  stands: Partial<Pick<StatedHeadline, 'state' | 'refused' | 'budget'>> = {},
): StatedHeadline {
  return {
    kind: 'window',
    provider: 'anthropic',
    account: 'acc',
    account_label: 'Claude plan',
    state: 'ok',
    refused: null,
    budget: null,
    window: windowRow(window),
    ...stands,
  }
}

export function standing(some: Partial<Standing> = {}): Standing {
  return {
    simulated: false,
    today: totals({ requests: 12, tokens: 412_000, cost_usd: 3.1, billed_usd: 3.1 }),
    month: totals({ requests: 240, tokens: 9_100_000, cost_usd: 61.2, billed_usd: 61.2 }),
    headline: { kind: 'none' },
    in_flight: 0,
    ...some,
  }
}

export function view(some: Partial<View> = {}): View {
  return {
    ...emptyView,
    daemon: { instanceId: 'one', version: '0.1.0', contract: 1 },
    about: { url: 'http://127.0.0.1:8655', timeZone: 'UTC' },
    seq: 1,
    standing: standing(),
    ...some,
  }
}

export function liveInput(shown: View): StatusInput {
  return { link: { kind: 'live' }, view: shown, now, timeZone, warnAt: 90, colour: true }
}
