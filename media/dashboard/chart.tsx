/** A time series as bars on a canvas, in the theme's colours, with a name for screen readers. */
import { useEffect, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import type { Columns } from './chart-data.ts'

type Props = {
  columns: Columns
  label: string
  /** Seconds from one bar to the next. */
  step: number
  timeZone: string
  valueText: (value: number) => string
  partIsBad: boolean
  /** The index of the bar under the pointer; null: none. */
  onPoint: (index: number | null) => void
}

export function Chart(props: Props) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(null)
  const shown = useRef(props)
  shown.current = props
  const theme = useTheme()
  const { columns, step, timeZone, partIsBad, valueText } = props

  useEffect(() => {
    const element = place.current
    if (!element) return
    const made = new uPlot(optionsFor(shown, element), shown.current.columns, element)
    plot.current = made
    const watcher = new ResizeObserver(() => made.setSize(sizeOf(element)))
    watcher.observe(element)
    return () => {
      watcher.disconnect()
      made.destroy()
      plot.current = null
    }
  }, [theme, step, timeZone, partIsBad, valueText])

  useEffect(() => plot.current?.setData(columns), [columns])

  return <div class="plot" ref={place} role="img" aria-label={props.label} />
}

/** Reads the props anew whenever it draws, so that new data needs no new chart. */
function optionsFor(shown: { current: Props }, element: HTMLElement): uPlot.Options {
  const { step, timeZone, partIsBad, valueText } = shown.current
  const style = getComputedStyle(document.body)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const whole = colour('--whole')
  const part = colour(partIsBad ? '--bad' : '--part')
  const bars = uPlot.paths.bars?.({ size: [0.82, 48], align: 1, radius: 0.12 })
  const zoned = (seconds: number) => uPlot.tzDate(new Date(seconds * 1000), timeZone)
  const axis = {
    stroke: colour('--quiet'),
    font: `11px ${style.fontFamily}`,
    ticks: { show: false },
  }
  return {
    ...sizeOf(element),
    tzDate: zoned,
    padding: [8, 16, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: {
      x: { range: (_, min, max) => [min, max + step] },
      y: { range: (_, __, max) => [0, max > 0 ? max * 1.08 : 1] },
    },
    axes: [
      { ...axis, size: 26, grid: { show: false }, values: timeLabels(step, zoned) },
      {
        ...axis,
        size: (_, values) => Math.max(34, ...(values ?? []).map((text) => text.length * 7 + 12)),
        grid: { stroke: colour('--track'), width: 1 },
        // an empty chart has a scale, but it measures nothing
        values: (_, splits) =>
          splits.map((split) => (split > 0 && isEmpty(shown.current.columns) ? '' : valueText(split))),
      },
    ],
    series: [
      {},
      { stroke: whole, fill: `color-mix(in srgb, ${whole} 38%, transparent)`, width: 1, ...(bars && { paths: bars }) },
      { stroke: part, fill: part, width: 0, ...(bars && { paths: bars }) },
    ].map((series) => ({ ...series, points: { show: false } })),
    hooks: { setCursor: [(self) => shown.current.onPoint(self.cursor.idx ?? null)] },
  }
}

function sizeOf(element: HTMLElement): { width: number; height: number } {
  return { width: element.clientWidth, height: element.clientHeight }
}

/** Days for steps of a day or an hour, hours below: enough to find one's place, the rest stands in the table. */
function timeLabels(step: number, zoned: (seconds: number) => Date): uPlot.Axis.DynamicValues {
  const write = uPlot.fmtDate(step >= 3600 ? '{MMM} {D}' : '{HH}:{mm}')
  return (_, splits) => splits.map((split) => write(zoned(split)))
}

function isEmpty(columns: Columns): boolean {
  return columns[1].every((value) => value === null)
}

/** Counts up whenever the theme's colours may have changed: VS Code sets classes and variables, a browser its media query. */
function useTheme(): number {
  const [theme, setTheme] = useState(0)
  useEffect(() => {
    const changed = () => setTheme((n) => n + 1)
    const watcher = new MutationObserver(changed)
    watcher.observe(document.body, { attributes: true, attributeFilter: ['class'] })
    watcher.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] })
    const media = [matchMedia('(prefers-color-scheme: dark)'), matchMedia('(prefers-contrast: more)')]
    for (const query of media) query.addEventListener('change', changed)
    return () => {
      watcher.disconnect()
      for (const query of media) query.removeEventListener('change', changed)
    }
  }, [])
  return theme
}
