/** Start, stop and restart as a person asks for them: one at a time, with what went wrong said and a way on. */
import { setTimeout as after } from 'node:timers/promises'
import * as vscode from 'vscode'
import type { Connection } from './connection.ts'
import { startDaemon } from './daemon-process.ts'
import { commandId } from './ids.ts'
import type { Settings } from './settings.ts'

export type DaemonControl = {
  /** All resolve to whether it is now as asked; what went wrong has been said by then. */
  start(): Promise<boolean>
  stop(): Promise<boolean>
  restart(): Promise<boolean>
  /** For what cannot be shown without a daemon. */
  offerStart(): Promise<void>
  /** This window was asked to stop it: it is not to come back by itself. */
  wasStopped(): boolean
}

export type Place = { home: string; built: string; version: string }

const graceSeconds = 30
const attachWithinMs = 5000

export function openDaemonControl(
  place: Place,
  connection: Connection,
  settings: () => Settings,
  log: vscode.LogOutputChannel,
): DaemonControl {
  let starting: Promise<boolean> | undefined
  let stopped = false

  const launch = async (): Promise<boolean> => {
    stopped = false
    connection.expect(true)
    const { program, port, proxy } = settings()
    const started = await startDaemon({
      ...place,
      program,
      port,
      proxy,
      env: process.env,
      log: (message) => log.info(message),
    })
    connection.retry()
    if (started.kind === 'found') {
      const attached = await connection.until(
        (link) => link.kind === 'live' || link.kind === 'mismatch',
        attachWithinMs,
      )
      connection.expect(false)
      return attached
    }
    connection.expect(false)
    log.error(`the daemon did not start: ${started.why}`)
    void complain(`The Tollkeeper daemon did not start: ${started.why}`)
    return false
  }
  const start = () => {
    starting ??= launch().finally(() => {
      starting = undefined
    })
    return starting
  }

  const stop = async (): Promise<boolean> => {
    const daemon = connection.daemon()
    // asked for now: what the feed said last may be a moment old
    const summary = await connection.ask('summary', {})
    const running = summary.ok ? summary.value.in_flight : 0
    if (running > 0 && !(await confirmStop(running))) return false
    stopped = true
    const reply = await connection.ask('stop', { body: { grace_seconds: graceSeconds } })
    if (!reply.ok) {
      void complain(`The Tollkeeper daemon was not stopped: ${reply.error.detail}`)
      return false
    }
    // while streams end it still holds the home
    return vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: 'Stopping Tollkeeper' }, () =>
      daemon === undefined ? Promise.resolve(true) : isGone(daemon.discovery.pid),
    )
  }

  return {
    start,
    stop,
    restart: async () => (await stop()) && (await start()),
    async offerStart() {
      const { autoStart } = settings()
      const offer = 'Start Daemon'
      const text = 'The Tollkeeper daemon is not running.'
      const picked = await vscode.window.showInformationMessage(text, ...(autoStart === 'never' ? [] : [offer]))
      if (picked === offer) await start()
    },
    wasStopped: () => stopped,
  }
}

async function confirmStop(running: number): Promise<boolean> {
  const go = 'Stop When They End'
  const calls = running === 1 ? '1 call is running' : `${running} calls are running`
  const picked = await vscode.window.showWarningMessage(
    `${calls} through Tollkeeper.`,
    { modal: true, detail: `New calls are refused at once; what runs gets ${graceSeconds} seconds.` },
    go,
  )
  return picked === go
}

async function complain(text: string): Promise<void> {
  const logs = { 'Extension Log': commandId.showLog, 'Daemon Log': commandId.showDaemonLog } as const
  const picked = await vscode.window.showErrorMessage(text, ...(Object.keys(logs) as (keyof typeof logs)[]))
  if (picked !== undefined) await vscode.commands.executeCommand(logs[picked])
}

async function isGone(pid: number): Promise<boolean> {
  const end = performance.now() + (graceSeconds + 10) * 1000
  while (performance.now() < end) {
    try {
      // signal 0 only asks whether the process is there
      process.kill(pid, 0)
    } catch {
      return true
    }
    await after(50)
  }
  void complain(
    `The Tollkeeper daemon (process ${pid}) is still running ${graceSeconds + 10} s after it was asked to stop.`,
  )
  return false
}
