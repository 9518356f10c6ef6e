/** The newest calls: how each ended, what it used and cost, how long it took. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { RequestRow } from '../../../shared/contract/rows.ts'
import { outcomeOf } from '../outcome.ts'
import { Card, Heads, Icon, Scroll } from '../parts.tsx'
import { agoText, clockText, countText, latencyText, tokensText, usdText } from '../text.ts'
import type { Shown } from './card.ts'

const columns = [
  'Model',
  'Outcome',
  'Time',
  { number: 'In' },
  { number: 'Cached' },
  { number: 'Out' },
  { number: 'List price' },
  { number: 'Took' },
  { number: 'First token' },
  'Client',
] as const

/** As many as stand there before somebody asks for all. */
const few = 12

export function Recent({ view, now, timeZone }: Shown) {
  const [all, setAll] = useState(false)
  const calls = all ? view.recent : view.recent.slice(0, few)
  const known = useKnown(view.recent)
  return (
    <Card id="recent" title="Recent calls">
      <Scroll label="Recent calls">
        <table class="calls stack">
          <caption class="said">Recent calls, newest first</caption>
          <Heads columns={columns} />
          <tbody>
            {calls.map((call) => (
              <Call key={call.id} call={call} now={now} timeZone={timeZone} fresh={!known.has(call.id)} />
            ))}
          </tbody>
        </table>
      </Scroll>
      {view.recent.length > few && (
        <p class="note">
          <button type="button" class="link" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? 'Show fewer' : `Show all ${countText(view.recent.length)}`}
          </button>
        </p>
      )}
    </Card>
  )
}

function Call({ call, now, timeZone, fresh }: { call: RequestRow; now: number; timeZone: string; fresh: boolean }) {
  const outcome = outcomeOf(call)
  const roughly = call.usage_source === 'estimated' ? '~' : ''
  const tokens = (count: number) => (call.usage_source === 'none' ? '–' : `${roughly}${tokensText(count)}`)
  return (
    <tr class={fresh ? 'fresh' : ''}>
      <th scope="row" class="wide">
        {call.model}
        <small>
          {call.provider}, {call.account_label}
        </small>
      </th>
      <td class="wide full">
        <span class={`with-icon is-${outcome.tone}`}>
          <Icon name={outcome.icon} />
          {outcome.words}
        </span>
        {call.error !== null && <small>{call.error}</small>}
        {call.imported && <small>imported</small>}
        {call.attempts > 1 && <small>{call.attempts} attempts</small>}
        {call.chain !== null && <small>through chain {call.chain}</small>}
      </td>
      <td data-name="Time">
        {clockText(call.timestamp, now, timeZone)}
        <small>{agoText(call.timestamp, now)}</small>
      </td>
      <td class="num" data-name="In">
        {tokens(call.tokens_input)}
      </td>
      <td class="num" data-name="Cached">
        {tokens(call.tokens_cache_read)}
      </td>
      <td class="num" data-name="Out">
        {tokens(call.tokens_output)}
      </td>
      <td class="num" data-name="List price">
        {call.cost_usd === null ? 'unpriced' : usdText(call.cost_usd)}
        {call.billed_usd !== null && call.billed_usd !== call.cost_usd && (
          <small>{usdText(call.billed_usd)} billed</small>
        )}
      </td>
      <td class="num" data-name="Took">
        {latencyText(call.latency_ms)}
      </td>
      <td class="num" data-name="First token">
        {call.ttft_ms === null ? '–' : latencyText(call.ttft_ms)}
      </td>
      <td data-name="Client">{call.client}</td>
    </tr>
  )
}

/** The ids that stood here before this change, so that only what is new lights up; at first nothing is. */
function useKnown(calls: readonly RequestRow[]): ReadonlySet<string> {
  const known = useRef<Set<string>>(null)
  const before = known.current ?? new Set(calls.map((call) => call.id))
  useEffect(() => {
    // a moment later, or a second render in between would end the light before anyone saw it
    const timer = setTimeout(() => {
      known.current = new Set(calls.map((call) => call.id))
    }, 1600)
    known.current ??= before
    return () => clearTimeout(timer)
  }, [calls])
  return before
}
