/** The whole page: header, state, and the cards in their order. */
import { useEffect, useState } from 'preact/hooks'
import { emptyView, type View } from '../../shared/view.ts'
import { viewAt } from '../../shared/view-at.ts'
import type { Shown } from './cards/card.ts'
import { FirstCall } from './cards/first-call.tsx'
import { cards } from './cards/index.ts'
import { Warnings } from './cards/warnings.tsx'
import type { Choices, Connection, Host } from './host.ts'
import { Icon, type IconName } from './parts.tsx'
import { choiceOf, metrics, ranges } from './ranges.ts'
import { agoText, countText } from './text.ts'
import { useUsage } from './use-usage.ts'

/** How often ages move on. */
const tickMs = 5000
const quarterHourMs = 15 * 60_000

export function Page({ host }: { host: Host }) {
  const { view: told, connection } = useHost(host)
  const now = useNow(told)
  const view = viewAt(told, now)
  const [choices, setChoices] = useState<Choices>(() => host.choices())
  const range = choiceOf(ranges, choices.range, '24h')
  const metric = choiceOf(metrics, choices.metric, 'tokens')
  const calls = `${view.daemon?.instanceId} ${view.recent[0]?.id} ${view.standing?.month.attempts}`
  const usage = useUsage(host, range, `${calls} ${connection} ${Math.floor(now / quarterHourMs)}`)

  const choose: Shown['choose'] = (choice) => {
    const next = { ...choices }
    if (choice.range) next.range = choice.range
    if (choice.metric) next.metric = choice.metric
    if (choice.asTable !== undefined) next.timeline = choice.asTable ? 'table' : 'chart'
    setChoices(next)
    host.keep(next)
  }

  return (
    <>
      <a class="skip" href="#content">
        Skip to the numbers
      </a>
      <Header view={view} connection={connection} now={now} />
      <main id="content" tabIndex={-1}>
        <Body
          view={view}
          now={now}
          usage={usage}
          range={range}
          metric={metric}
          asTable={choices.timeline === 'table'}
          choose={choose}
        />
      </main>
    </>
  )
}

function Body(props: Omit<Shown, 'standing' | 'timeZone'>) {
  const { view } = props
  if (!view.standing || !view.about) return <p class="quiet">Waiting for the first numbers…</p>
  const shown: Shown = { ...props, standing: view.standing, timeZone: view.about.timeZone }
  const isNew = view.recent.length === 0 && view.standing.month.requests === 0
  return (
    <div class="grid">
      {isNew ? (
        <>
          <Warnings {...shown} />
          <FirstCall url={view.about.url} />
        </>
      ) : (
        cards.map(({ id, Body: CardBody }) => <CardBody key={id} {...shown} />)
      )}
    </div>
  )
}

const connections: Record<Connection, { words: string; said: string; icon: IconName; tone: string }> = {
  connecting: { words: 'Connecting', said: 'Connecting to the daemon', icon: 'clock', tone: '' },
  live: { words: 'Live', said: 'Connected, numbers are live', icon: 'live', tone: 'is-fine' },
  lost: { words: 'Not connected', said: 'Connection lost, numbers may be old', icon: 'link', tone: 'is-bad' },
  outdated: {
    words: 'Reload needed',
    said: 'The daemon has another version; load the page anew',
    icon: 'alert',
    tone: 'is-over',
  },
}

function Header({ view, connection, now }: { view: View; connection: Connection; now: number }) {
  const state = connections[connection]
  const running = view.standing?.in_flight ?? 0
  const last = view.recent[0]
  return (
    <header class="top">
      <div class="name">
        <Mark />
        <h1>Tollkeeper</h1>
      </div>
      {view.standing?.simulated && (
        <span class="badge is-over" title="Only the sandbox’s calls exist so far; the first real call replaces them">
          <Icon name="flask" />
          Simulated
        </span>
      )}
      <div class="state">
        {running > 0 && <span>{countText(running)} in flight</span>}
        {last && <span>Last call {agoText(last.timestamp, now)}</span>}
        {view.daemon && <span>v{view.daemon.version}</span>}
        <span class={`badge ${state.tone}`}>
          <Icon name={state.icon} />
          {state.words}
        </span>
      </div>
      <span class="said" role="status">
        {state.said}
      </span>
    </header>
  )
}

function Mark() {
  return (
    <svg class="mark" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="3" aria-hidden="true">
      <circle cx="12" cy="12" r="9" opacity="0.3" />
      <path d="M12 3a9 9 0 1 1-8.56 11.8" stroke-linecap="round" />
    </svg>
  )
}

/** Many changes within one frame are one drawing. */
function useHost(host: Host): { view: View; connection: Connection } {
  const [view, setView] = useState(emptyView)
  const [connection, setConnection] = useState<Connection>('connecting')
  useEffect(() => {
    host.onConnection(setConnection)
    let latest: View | undefined
    const draw = () => {
      if (latest) setView(latest)
      latest = undefined
    }
    host.onView((next) => {
      if (!latest) requestAnimationFrame(draw)
      latest = next
    })
  }, [host])
  return { view, connection }
}

function useNow(view: View): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), tickMs)
    return () => clearInterval(timer)
  }, [view])
  return now
}
