/** Calls, tokens and money of today and of this month, as the daemon sums them. */
import type { ComponentChildren } from 'preact'
import type { Totals } from '../../../shared/contract/rows.ts'
import { Card } from '../parts.tsx'
import { countText, tokensText, usdAtLeastText } from '../text.ts'
import type { Shown } from './card.ts'

export function TotalsCard({ standing }: Shown) {
  const { today, month } = standing
  return (
    <Card id="totals" title="Today">
      <dl class="tiles">
        <Tile name="Calls" of={(t) => countText(t.requests)} today={today} month={month}>
          {today.failed_requests > 0 ? <b>{countText(today.failed_requests)} failed</b> : 'none failed'}
        </Tile>
        <Tile name="Tokens in" of={(t) => tokensText(t.tokens_input)} today={today} month={month}>
          <b>{tokensText(today.tokens_cache_read)}</b> from cache, <b>{tokensText(today.tokens_cache_write)}</b> into it
        </Tile>
        <Tile name="Tokens out" of={(t) => tokensText(t.tokens_output)} today={today} month={month}>
          <b>{tokensText(today.tokens_reasoning)}</b> of it reasoning
        </Tile>
        <Tile name="List price" of={(t) => usdAtLeastText(t.cost_usd, t)} today={today} month={month}>
          {unpricedText(today)}
        </Tile>
        <Tile name="Billed" of={(t) => usdAtLeastText(t.billed_usd, t)} today={today} month={month}>
          what is owed; plans cover the rest
        </Tile>
      </dl>
      {today.estimated_requests > 0 && (
        <p class="note">Tokens of {countText(today.estimated_requests)} of today’s calls are estimated.</p>
      )}
    </Card>
  )
}

function Tile(props: {
  name: string
  of: (totals: Totals) => string
  today: Totals
  month: Totals
  children: ComponentChildren
}) {
  return (
    <div class="tile">
      <dt>{props.name}</dt>
      <dd class="main">{props.of(props.today)}</dd>
      <dd>{props.children}</dd>
      <dd class="month">
        This month <b>{props.of(props.month)}</b>
      </dd>
    </div>
  )
}

/** Why a sum is a lower bound, where it is one. */
function unpricedText(totals: Totals): ComponentChildren {
  if (totals.unpriced_requests === 0) return 'every call priced'
  return <b class="is-over">{countText(totals.unpriced_requests)} unpriced</b>
}
