/** Reads `/metrics` back, strictly: a line in no known form, or a series that stands there twice, fails the test. */
import assert from 'node:assert/strict'

export type MetricLines = {
  /** Type by name of the family, as far as the answer names it. */
  types: Map<string, string>
  /** Value by `name{label="value",…}`, labels as they stand. */
  values: Map<string, number>
  /** Value of the one series of this name that has these labels, and maybe more; undefined: there is none. */
  value(name: string, labels?: Record<string, string>): number | undefined
  /** Sum of all such series. */
  sum(name: string, labels?: Record<string, string>): number
}

const line = /^([a-z_][a-z0-9_]*)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)+)\})? (-?[0-9][0-9.e+-]*|[+-]Inf|NaN)$/
const pair = /([a-z_]+)="((?:[^"\\]|\\.)*)"/g

export function readMetrics(text: string): MetricLines {
  const types = new Map<string, string>()
  const values = new Map<string, number>()
  const series: { name: string; labels: Map<string, string>; value: number }[] = []
  for (const one of text.trimEnd().split('\n')) {
    const [, kind, family = '', rest = ''] = /^# (HELP|TYPE|EOF) ?(\S*) ?(.*)$/.exec(one) ?? []
    if (kind === 'TYPE') assert.ok(!types.has(family), `${family} stands there twice`)
    if (kind === 'TYPE') types.set(family, rest)
    if (kind !== undefined) continue
    const found = line.exec(one)
    assert.ok(found, `no line of a metric: ${one}`)
    const [, name = '', inBraces = '', number = ''] = found
    const key = one.slice(0, one.lastIndexOf(' '))
    assert.ok(!values.has(key), `${key} stands there twice`)
    const value = Number(number.replace('Inf', 'Infinity'))
    values.set(key, value)
    series.push({ name, labels: new Map([...inBraces.matchAll(pair)].map(([, a = '', b = '']) => [a, b])), value })
  }
  const of = (name: string, labels: Record<string, string>) =>
    series.filter((one) => one.name === name && Object.entries(labels).every(([k, v]) => one.labels.get(k) === v))
  return {
    types,
    values,
    value(name, labels = {}) {
      const found = of(name, labels)
      assert.ok(found.length < 2, `${name} ${JSON.stringify(labels)} are several`)
      return found[0]?.value
    },
    sum: (name, labels = {}) => of(name, labels).reduce((total, { value }) => total + value, 0),
  }
}
