/** The small parts that cards are made of: the card itself, icons, bars, a choice of one. */
import type { ComponentChildren } from 'preact'

/** Drawn on a 16 × 16 grid with the text's colour; always beside words that say the same. */
const strokes = {
  check: 'M3 8.5 6.5 12 13 4.5',
  cross: 'M4 4l8 8M12 4l-8 8',
  alert: 'M8 2 14.5 13.5h-13zM8 6.5v3.2M8 11.6v.3',
  cut: 'M8 1.8a6.2 6.2 0 1 0 .01 0zM5 8h6',
  clock: 'M8 1.8a6.2 6.2 0 1 0 .01 0zM8 4.5V8l2.5 2',
  live: 'M8 7a1 1 0 1 0 .01 0zM8 5.2a2.8 2.8 0 1 0 .01 0z',
  link: 'M8 1.8a6.2 6.2 0 1 0 .01 0zM3.8 12.2l8.4-8.4',
  flask: 'M6 2h4M6.8 2v4L3 13.2h10L9.2 6V2',
} as const
export type IconName = keyof typeof strokes

export function Icon({ name }: { name: IconName }) {
  return (
    <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.8" aria-hidden="true">
      <path d={strokes[name]} stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  )
}

export function Card(props: {
  id: string
  title: string
  class?: string
  tools?: ComponentChildren
  children: ComponentChildren
}) {
  return (
    <section class={`card ${props.class ?? ''}`} id={props.id} aria-labelledby={`${props.id}-title`}>
      <header>
        <h2 id={`${props.id}-title`}>{props.title}</h2>
        {props.tools && <div class="tools">{props.tools}</div>}
      </header>
      {props.children}
    </section>
  )
}

/**
 * A share of a whole as a bar; the number itself stands beside it as text. `tick` marks another share of the same whole. `label`
 * says in a sentence what the bar shows, where the text beside it does not say all of it.
 */
export function Bar(props: { part: number; whole: number; class?: string; tick?: number | null; label?: string }) {
  const shareOf = (part: number) => (props.whole > 0 ? Math.min(1, Math.max(0, part / props.whole)) : 0)
  const said = props.label === undefined ? { 'aria-hidden': true } : { role: 'img' as const, 'aria-label': props.label }
  return (
    <span class={`bar ${props.class ?? ''}`} {...said}>
      <i style={{ width: `${shareOf(props.part) * 100}%` }} />
      {typeof props.tick === 'number' && <span class="tick" style={{ left: `${shareOf(props.tick) * 100}%` }} />}
    </span>
  )
}

export function Choice<K extends string>(props: {
  name: string
  label: string
  options: Record<K, { label: string }>
  chosen: K
  choose: (key: K) => void
}) {
  return (
    <fieldset class="choice">
      <legend class="said">{props.label}</legend>
      {(Object.keys(props.options) as K[]).map((key) => (
        <label key={key}>
          <input
            type="radio"
            name={props.name}
            value={key}
            checked={key === props.chosen}
            onChange={() => props.choose(key)}
          />
          <span>{props.options[key].label}</span>
        </label>
      ))}
    </fieldset>
  )
}

/** The head of a table: its columns' titles, those of numbers over the numbers' right edge. */
export function Heads(props: { columns: readonly (string | { number: string })[] }) {
  return (
    <thead>
      <tr>
        {props.columns.map((column) =>
          typeof column === 'string' ? (
            <th key={column} scope="col">
              {column}
            </th>
          ) : (
            <th key={column.number} scope="col" class="num">
              {column.number}
            </th>
          ),
        )}
      </tr>
    </thead>
  )
}

/** A table that may be wider than the page: it scrolls on its own, with the keyboard too. */
export function Scroll(props: { label: string; class?: string; children: ComponentChildren }) {
  return (
    // What scrolls must take the focus, or no keyboard moves it
    <div class={`scroll ${props.class ?? ''}`} role="group" aria-label={props.label} tabIndex={0}>
      {props.children}
    </div>
  )
}
