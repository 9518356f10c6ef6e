/** Opens the host that is there, VS Code or a browser, and mounts the page; nothing else. */
import { render } from 'preact'
import { openBrowserHost } from './host-browser.ts'
import { openVsCodeHost, type VsCodeApi } from './host-vscode.ts'
import { NoSession } from './no-session.tsx'
import { Page } from './page.tsx'

declare global {
  var acquireVsCodeApi: (() => VsCodeApi) | undefined
}

async function open(place: HTMLElement): Promise<void> {
  const host = globalThis.acquireVsCodeApi
    ? openVsCodeHost(globalThis.acquireVsCodeApi(), (fn) => addEventListener('message', (event) => fn(event.data)))
    : await openBrowserHost()
  if (host.kind === 'closed') return render(<NoSession why={host.why} />, place)
  host.onEnd(() => render(<NoSession why="ended" />, place))
  render(<Page host={host} />, place)
}

const place = document.getElementById('page')
if (place) void open(place)
// a new link opened in this very tab changes the fragment only, which loads nothing by itself
addEventListener('hashchange', () => location.hash.startsWith('#code=') && location.reload())
