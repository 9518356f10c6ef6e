/** Both formats to the byte, and which one who asks is given. */
import assert from 'node:assert/strict'
import { emptyHistogram, observe } from '../ledger/histogram.ts'
import { formatFor, write } from './exposition.ts'
import type { Family, Source } from './family.ts'

const histogram = emptyHistogram('overhead')
for (const ms of [0.1, 0.3, 5000]) observe(histogram, 'overhead', ms)

const families: readonly Family[] = [
  {
    name: 'a_total',
    type: 'counter',
    help: 'A "word",\na \\ line.',
    read: () => [
      { labels: { model: 'say "hi"\\\n', simulated: 'true' }, value: 1.5 },
      { labels: {}, value: Number.POSITIVE_INFINITY },
    ],
  },
  { name: 'b', type: 'gauge', help: 'None.', read: () => [] },
  {
    name: 'c_seconds',
    type: 'histogram',
    help: 'C.',
    read: () => [{ labels: { x: 'y' }, histogram, measure: 'overhead' }],
  },
]
// nothing above reads it
const source = {} as Source

const bucket = (le: string, count: number) => `c_seconds_bucket{x="y",le="${le}"} ${count}`
const rest = [
  'a_total{model="say \\"hi\\"\\\\\\n",simulated="true"} 1.5',
  'a_total +Inf',
  '# HELP b None.',
  '# TYPE b gauge',
  '# HELP c_seconds C.',
  '# TYPE c_seconds histogram',
  ...[bucket('0.0001', 1), bucket('0.0002', 1), bucket('0.0005', 2), bucket('0.001', 2), bucket('0.002', 2)],
  ...[bucket('0.005', 2), bucket('0.01', 2), bucket('0.025', 2), bucket('0.05', 2), bucket('0.1', 2)],
  ...[bucket('0.25', 2), bucket('1.0', 2), bucket('+Inf', 3)],
  'c_seconds_sum{x="y"} 5.0004',
  'c_seconds_count{x="y"} 3',
]

describe('the exposition', () => {
  it('writes the text format', () => {
    assert.deepEqual(write(families, source, 'text').split('\n'), [
      '# HELP a_total A "word",\\na \\\\ line.',
      '# TYPE a_total counter',
      ...rest,
      '',
    ])
  })

  it('writes OpenMetrics: a counter is named without its ending, quotes are escaped in words too, and the end is said', () => {
    assert.deepEqual(write(families, source, 'openmetrics').split('\n'), [
      '# HELP a A \\"word\\",\\na \\\\ line.',
      '# TYPE a counter',
      ...rest,
      '# EOF',
      '',
    ])
  })

  for (const [accept, format] of [
    [undefined, 'text'],
    ['', 'text'],
    ['*/*', 'text'],
    ['text/html,application/xhtml+xml', 'text'],
    ['application/openmetrics-text', 'openmetrics'],
    // as Prometheus 2.42 and 3 ask
    [
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      'openmetrics',
    ],
    [
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.5',
      'openmetrics',
    ],
    ['application/openmetrics-text; version=1.0.0; q=0.3, text/plain;q=0.5', 'text'],
    ['Application/OpenMetrics-Text; Version=1.0.0', 'openmetrics'],
    ['application/openmetrics-text; version="1.0.0"', 'openmetrics'],
    ['application/openmetrics-text;version=2.0.0,text/plain;q=0.1', 'text'],
    ['application/openmetrics-text;q=0', 'text'],
    ['application/openmetrics-text;q=high', 'text'],
  ] as const) {
    it(`is ${format} for ${accept ?? 'who says nothing'}`, () => assert.equal(formatFor(accept), format))
  }
})
