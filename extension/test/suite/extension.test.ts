/** The extension inside a real VS Code, with the real daemon: what a window shows from the first look to the daemon's death. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as vscode from 'vscode'
import type { TollkeeperApi } from '../../extension.ts'
import { commandId } from '../../ids.ts'
import { callAsSubscriber, eventually, type SandboxDaemon, startSandboxDaemon } from '../sandbox-daemon.ts'

const extension = vscode.extensions.getExtension<TollkeeperApi>('tollkeeper.tollkeeper')

describe('the extension', () => {
  let api: TollkeeperApi
  let main = ''
  let daemon: SandboxDaemon | undefined

  const text = () => api.statusBar.text
  const shows = (what: string | RegExp) =>
    eventually(`${String(what)} in the status bar, which shows ${text()}`, () =>
      typeof what === 'string' ? text() === what : what.test(text()),
    )
  const start = async () => {
    daemon = await startSandboxDaemon(main, api.home)
    await eventually('attached', () => api.connection.daemon()?.discovery.pid === daemon?.pid)
    return daemon
  }

  before(async () => {
    assert.ok(extension, 'the extension is not known to this VS Code')
    api = await extension.activate()
    main = join(extension.extensionPath, 'dist', 'daemon', 'main.mjs')
    assert.equal(api.home, process.env['TOLLKEEPER_HOME'])
  })
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeQuickOpen')
  })
  after(async () => {
    await daemon?.kill()
  })

  it('says that the daemon is off, and starts none unasked', async () => {
    await shows('$(meter-off) Tollkeeper off')
    assert.equal(api.statusBar.accessibilityInformation?.label, 'Tollkeeper daemon is not running')
    assert.equal(api.statusBar.command, commandId.glance)
    assert.equal(existsSync(join(api.home, 'daemon.json')), false)
  })

  it('registers every command', async () => {
    const known = await vscode.commands.getCommands(true)
    for (const id of Object.values(commandId)) assert.ok(known.includes(id), id)
  })

  it('attaches to a daemon that starts, and moves with each call', async () => {
    const { url } = await start()
    await shows('$(meter-0)')
    await callAsSubscriber(url)
    await shows(/^\$\(meter-[23]\) 5h 3\d% · sandbox$/)
    assert.match(
      api.statusBar.accessibilityInformation?.label ?? '',
      /^Simulated calls only: .*5 hour limit 3\d percent used, resets .*, measured just now$/,
    )
    const calls = () => api.connection.view().standing?.today.requests
    await eventually('one call in the view', () => calls() === 1)
    await callAsSubscriber(url)
    await eventually('two calls in the view', () => calls() === 2)
  })

  it('has a tooltip with limits, spend, the last call, and links to our own commands', () => {
    const { tooltip } = api.statusBar
    assert.ok(tooltip instanceof vscode.MarkdownString)
    for (const part of [
      '5 hour limit',
      'weekly limit',
      '**Spend**',
      'Last call: sandbox',
      'command:tollkeeper.glance',
    ]) {
      assert.ok(tooltip.value.includes(part), `no ${part} in ${tooltip.value}`)
    }
    assert.ok(typeof tooltip.isTrusted === 'object' && tooltip.isTrusted.enabledCommands.length > 0)
    assert.notEqual(tooltip.supportHtml, true)
  })

  it('opens the list of limits and spend', async () => {
    await vscode.commands.executeCommand(commandId.glance)
  })

  it('opens the dashboard, whose page runs and asks the daemon through the window', async () => {
    await vscode.commands.executeCommand(commandId.openDashboard)
    const panel = api.dashboard.panel()
    assert.ok(panel)
    const said: { type: string }[] = []
    panel.webview.onDidReceiveMessage((message: { type: string }) => said.push(message))
    await eventually('the page says that it is ready', () => said.some(({ type }) => type === 'ready'))
    await eventually('the page asks for numbers', () => said.some(({ type }) => type === 'ask'))
    assert.match(panel.webview.html, /default-src 'none'/)
    assert.ok(!panel.webview.html.includes('unsafe-'))
    await vscode.commands.executeCommand(commandId.openDashboard)
    assert.equal(api.dashboard.panel(), panel)
    panel.dispose()
    assert.equal(api.dashboard.panel(), undefined)
  })

  it('sees that the daemon was killed, and the next one, which still knows every call', async () => {
    await daemon?.kill()
    await shows('$(meter-off) Tollkeeper off')
    await start()
    await shows(/5h 3\d% · sandbox$/)
    assert.equal(api.connection.view().standing?.today.requests, 2)
    assert.equal(api.connection.view().recent.length, 2)
  })

  it('stops the daemon when asked to, and starts the one that it brings along from the home', async () => {
    await vscode.commands.executeCommand(commandId.stopDaemon)
    await shows('$(meter-off) Tollkeeper off')
    assert.equal(existsSync(join(api.home, 'daemon.json')), false)

    await vscode.commands.executeCommand(commandId.startDaemon)
    const own = api.connection.daemon()
    assert.ok(own, 'not attached after Start Daemon')
    const version = (extension?.packageJSON as { version: string }).version
    assert.ok(existsSync(join(api.home, 'app', version, 'daemon', 'main.mjs')))
    assert.ok(existsSync(join(api.home, 'daemon.log')))
    await shows(/5h 3\d% · sandbox$/)

    await vscode.commands.executeCommand(commandId.restartDaemon)
    await eventually('another process', () => {
      const pid = api.connection.daemon()?.discovery.pid
      return pid !== undefined && pid !== own.discovery.pid
    })
    await vscode.commands.executeCommand(commandId.stopDaemon)
    await shows('$(meter-off) Tollkeeper off')
  }).timeout(60_000)
})
