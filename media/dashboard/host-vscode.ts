/** The page inside a VS Code webview: asks go to the extension as messages, views come from it whole. */
import type { View } from '../../shared/view.ts'
import { type Answer, type Connection, type Host, readChoices } from './host.ts'

type Told =
  | { type: 'answer'; id: number; reply: Answer<never> }
  | { type: 'view'; view: View }
  | { type: 'connection'; connection: Connection }

export type VsCodeApi = { postMessage(message: unknown): void; getState(): unknown; setState(state: unknown): void }

/** `listen` hands over the messages that the extension posts. */
export function openVsCodeHost(api: VsCodeApi, listen: (fn: (data: unknown) => void) => void): Host {
  const waiting = new Map<number, (reply: Answer<never>) => void>()
  let asked = 0
  let showView: (view: View) => void = () => {}
  let showConnection: (connection: Connection) => void = () => {}

  listen((data) => {
    const told = data as Told
    switch (told.type) {
      case 'answer':
        waiting.get(told.id)?.(told.reply)
        waiting.delete(told.id)
        return
      case 'view':
        return showView(told.view)
      case 'connection':
        return showConnection(told.connection)
    }
  })

  return {
    kind: 'vscode',
    ask(name, ask) {
      const id = ++asked
      return new Promise((resolve) => {
        waiting.set(id, resolve)
        api.postMessage({ type: 'ask', id, name, ask })
      })
    },
    onView(fn) {
      showView = fn
      // only now can a view be taken in
      api.postMessage({ type: 'ready' })
    },
    onConnection(fn) {
      showConnection = fn
    },
    // the extension holds the credentials and goes on trying: nothing ends here
    onEnd() {},
    choices: () => readChoices(api.getState()),
    keep: (choices) => api.setState(choices),
  }
}
