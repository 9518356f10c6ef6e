import assert from 'node:assert/strict'
import { emptyView, type View } from '../../shared/view.ts'
import type { Connection } from './host.ts'
import { openVsCodeHost } from './host-vscode.ts'

function extension(stored?: unknown) {
  const posted: unknown[] = []
  let kept = stored
  let tell: (data: unknown) => void = () => {}
  const host = openVsCodeHost(
    { postMessage: (message) => posted.push(message), getState: () => kept, setState: (state) => void (kept = state) },
    (fn) => {
      tell = fn
    },
  )
  return { host, posted, tell: (data: unknown) => tell(data), kept: () => kept }
}

describe('dashboard in VS Code', () => {
  it('says that it is ready once it can take a view in, and shows every one', () => {
    const { host, posted, tell } = extension()
    const views: View[] = []
    const connections: Connection[] = []
    host.onConnection((connection) => connections.push(connection))
    assert.deepEqual(posted, [])
    host.onView((view) => views.push(view))
    assert.deepEqual(posted, [{ type: 'ready' }])
    tell({ type: 'connection', connection: 'live' })
    tell({ type: 'view', view: { ...emptyView, seq: 7 } })
    assert.deepEqual([views.map((view) => view.seq), connections], [[7], ['live']])
  })

  it('gives each answer to the one who asked, whatever their order', async () => {
    const { host, posted, tell } = extension()
    const first = host.ask('summary', {})
    const second = host.ask('usage', { query: { from: '7d' } })
    assert.deepEqual(posted, [
      { type: 'ask', id: 1, name: 'summary', ask: {} },
      { type: 'ask', id: 2, name: 'usage', ask: { query: { from: '7d' } } },
    ])
    tell({ type: 'answer', id: 2, reply: { ok: true, value: 'usage' } })
    tell({ type: 'answer', id: 1, reply: { ok: true, value: 'summary' } })
    assert.deepEqual(await Promise.all([first, second]), [
      { ok: true, value: 'summary' },
      { ok: true, value: 'usage' },
    ])
  })

  it('keeps choices, and reads none out of what is not theirs', () => {
    const { host, kept } = extension({ range: '7d', other: 3 })
    assert.deepEqual(host.choices(), { range: '7d' })
    host.keep({ range: '30d' })
    assert.deepEqual(kept(), { range: '30d' })
    assert.deepEqual(extension('text').host.choices(), {})
  })
})
