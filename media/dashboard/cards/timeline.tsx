/** Calls, tokens or cost over time, with a table that says the same. */
import { useMemo, useState } from 'preact/hooks'
import type { UsageReply } from '../../../shared/contract/endpoints/core.ts'
import { Chart } from '../chart.tsx'
import { columnsOf, sentenceOf } from '../chart-data.ts'
import { Card, Choice, Scroll } from '../parts.tsx'
import { type Metric, metrics, type Range, ranges } from '../ranges.ts'
import { axisText, metricText, stepText } from '../text.ts'
import type { Shown } from './card.ts'

export function Timeline({ usage, range, metric, asTable, choose }: Shown) {
  const tools = (
    <>
      <Choice
        name="metric"
        label="What to draw"
        options={metrics}
        chosen={metric}
        choose={(m) => choose({ metric: m })}
      />
      <Choice name="range" label="Time" options={ranges} chosen={range} choose={(r) => choose({ range: r })} />
    </>
  )
  return (
    <Card id="timeline" title="Over time" tools={tools}>
      {!usage && <p class="quiet plot">Asking…</p>}
      {usage && 'failed' in usage && <p class="plot">{usage.failed}</p>}
      {usage && 'reply' in usage && <Drawn reply={usage.reply} range={usage.range} metric={metric} asTable={asTable} />}
      <p class="note">
        <button type="button" class="link" aria-pressed={asTable} onClick={() => choose({ asTable: !asTable })}>
          {asTable ? 'Show as chart' : 'Show as table'}
        </button>
      </p>
    </Card>
  )
}

type DrawnProps = { reply: UsageReply; range: Range; metric: Metric; asTable: boolean }

function Drawn({ reply, range, metric, asTable }: DrawnProps) {
  const [point, setPoint] = useState<number | null>(null)
  const columns = useMemo(() => columnsOf(reply, metric), [reply, metric])
  const { whole, part, partIsBad } = metrics[metric]
  const { time_zone: timeZone } = reply.period
  const at = point === null ? undefined : reply.series[point]
  const when = (start: string) => stepText(start, timeZone, ranges[range].bucket === 'day' ? 'day' : 'minute')
  if (asTable) return <Twin reply={reply} range={range} metric={metric} when={when} />
  return (
    <>
      <p class="keys">
        <span>
          <i class="swatch" aria-hidden="true" />
          {whole.label} <b>{metricText(metric, whole.of(reply.total))}</b>
        </span>
        <span>
          <i class={`swatch ${partIsBad ? 'bad' : 'part'}`} aria-hidden="true" />
          {part.label} <b>{metricText(metric, part.of(reply.total))}</b>
        </span>
        {at && (
          <span class="at">
            {when(at.start)}: {metricText(metric, whole.of(at.totals))}, {part.label}{' '}
            {metricText(metric, part.of(at.totals))}
          </span>
        )}
      </p>
      <Chart
        columns={columns}
        label={sentenceOf(reply, range, metric)}
        step={ranges[range].seconds}
        timeZone={timeZone}
        valueText={axisText[metric]}
        partIsBad={partIsBad}
        onPoint={setPoint}
      />
    </>
  )
}

/** Newest first, and only the steps in which something happened: a day of quarter hours is mostly empty. */
function Twin({ reply, range, metric, when }: Omit<DrawnProps, 'asTable'> & { when: (start: string) => string }) {
  const { whole, part } = metrics[metric]
  const steps = reply.series.filter((step) => step.totals.requests > 0).reverse()
  return (
    <Scroll label="Over time, as a table" class="twin">
      <table>
        <caption>
          {whole.label} of {ranges[range].words}, newest first, without the steps in which nothing happened
        </caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col" class="num">
              {whole.label}
            </th>
            <th scope="col" class="num">
              {part.label}
            </th>
          </tr>
        </thead>
        <tbody>
          {steps.map((step) => (
            <tr key={step.start}>
              <th scope="row">{when(step.start)}</th>
              <td class="num">{metricText(metric, whole.of(step.totals))}</td>
              <td class="num">{metricText(metric, part.of(step.totals))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}
