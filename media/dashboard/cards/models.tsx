/** Who used it: one row a model of the chosen time, most tokens first. */
import type { Totals } from '../../../shared/contract/rows.ts'
import { nothing } from '../../../shared/format.ts'
import { Bar, Card, Heads, Scroll } from '../parts.tsx'
import { ranges } from '../ranges.ts'
import { countText, latencyText, percentText, tokensText, usdAtLeastText } from '../text.ts'
import type { Shown } from './card.ts'

const columns = [
  'Model',
  'Tokens',
  { number: 'Calls' },
  { number: 'In' },
  'of it from cache',
  { number: 'Out' },
  { number: 'List price' },
  { number: 'Billed' },
  { number: 'p50 latency' },
] as const

export function Models({ usage }: Shown) {
  if (!usage || !('reply' in usage)) return null
  const { groups, total } = usage.reply
  const words = ranges[usage.range].words
  return (
    <Card id="models" title="By model">
      {groups.length === 0 ? (
        <p class="quiet">No calls in {words}.</p>
      ) : (
        <Scroll label="By model">
          <table class="models stack">
            <caption>In {words}, most tokens first</caption>
            <Heads columns={columns} />
            <tbody>
              {groups.map(({ key, totals }) => (
                <Row key={key.join(' ')} name={key.join(' ')} totals={totals} total={total} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Card>
  )
}

function Row({ name, totals, total }: { name: string; totals: Totals; total: Totals }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td class="share" data-name="Tokens">
        {tokensText(totals.tokens)}
        <Bar part={totals.tokens} whole={total.tokens} class="thin" />
      </td>
      <td class="num" data-name="Calls">
        {countText(totals.requests)}
        {totals.failed_requests > 0 && <small>{countText(totals.failed_requests)} failed</small>}
      </td>
      <td class="num" data-name="In">
        {tokensText(totals.tokens_input)}
      </td>
      <td class="share" data-name="From cache">
        {tokensText(totals.tokens_cache_read)}
        {totals.cache_hit_pct !== null && <small>{percentText(totals.cache_hit_pct)}</small>}
        <Bar part={totals.tokens_cache_read} whole={totals.tokens_input} class="thin fill-part" />
      </td>
      <td class="num" data-name="Out">
        {tokensText(totals.tokens_output)}
      </td>
      <td class="num" data-name="List price">
        {usdAtLeastText(totals.cost_usd, totals)}
        {totals.unpriced_requests > 0 && <small>{countText(totals.unpriced_requests)} unpriced</small>}
      </td>
      <td class="num" data-name="Billed">
        {usdAtLeastText(totals.billed_usd, totals)}
      </td>
      <td class="num" data-name="p50 latency">
        {totals.latency_p50_ms === null ? nothing : latencyText(totals.latency_p50_ms)}
        {totals.latency_p95_ms !== null && <small>p95 {latencyText(totals.latency_p95_ms)}</small>}
      </td>
    </tr>
  )
}
