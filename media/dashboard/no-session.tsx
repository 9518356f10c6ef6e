/** What a browser sees that may not see more: why, and the one command that helps. */
import type { Closed } from './host.ts'

const reasons: Record<Closed['why'], string> = {
  'no-link': 'This page shows its numbers only to whoever opens it with a link from the daemon.',
  'spent-link': 'This link has been used already, or is older than 60 seconds. Each one works once.',
  ended: 'Your session is over, perhaps because the daemon was started anew.',
  unreachable: 'The daemon does not answer. The same command starts it if it is not running.',
}

export function NoSession({ why }: { why: Closed['why'] }) {
  return (
    <main class="card no-session">
      <h1>Open the dashboard from a terminal</h1>
      <p role="status">{reasons[why]}</p>
      <pre>
        <code>npx tollkeeper dashboard</code>
      </pre>
      <p class="quiet">
        It makes a new link and opens it here. In VS Code there is the command “Tollkeeper: Open Dashboard”.
      </p>
    </main>
  )
}
