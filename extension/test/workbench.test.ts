/** A person's path through the real workbench: status bar, list, dashboard, a daemon that dies and is started again; with pictures. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { extensionRoot, type Host, openWorkbench, screenshot, startHost, type Workbench } from './host/harness.ts'
import { callAsSubscriber, type SandboxDaemon, startSandboxDaemon } from './sandbox-daemon.ts'

const shownWithinMs = 60_000

/** `vsix`: the packaged extension instead of the folder, where one is named. */
const vsix = process.env['TOLLKEEPER_VSIX']

describe('a person in the workbench', function () {
  this.timeout(240_000)
  let host: Host
  let workbench: Workbench
  let page: Page
  let daemon: SandboxDaemon

  const item = (text: string | RegExp) =>
    page.locator('[id="tollkeeper.tollkeeper.tollkeeper.quota"]', { hasText: text })
  const row = (text: string) => page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first()

  before(async () => {
    host = await startHost({ vsix })
    daemon = await startSandboxDaemon(join(extensionRoot, 'dist', 'daemon', 'main.mjs'), host.folders.tollkeeper)
    workbench = await openWorkbench(host, vsix === undefined ? {} : { extension: false })
    page = workbench.page
  })
  after(async () => {
    await workbench?.close()
    await daemon?.kill()
    await host?.stop()
  })
  afterEach(async function () {
    if (this.currentTest?.state !== 'failed' || page === undefined) return
    await page.screenshot({ path: join('shots', 'failure.png') })
    console.error(host.log(), workbench.console.join('\n'))
  })

  it('sees the ring in the status bar, and how it moves with a call', async () => {
    await item('').waitFor({ timeout: shownWithinMs })
    await callAsSubscriber(daemon.url)
    await item(/5h 3\d% · sandbox/).waitFor({ timeout: shownWithinMs })
    const label = await item('').locator('a').first().getAttribute('aria-label')
    assert.match(label ?? '', /5 hour limit 3\d percent used/)
    await screenshot(page, 'status-bar')
  })

  it('clicks it and reads limits, spend and the last call', async () => {
    await item('').click()
    for (const text of ['5 hour limit', 'weekly limit', 'Today', 'sandbox-small', 'Open Dashboard']) {
      await row(text).waitFor({ timeout: shownWithinMs })
    }
    await screenshot(page, 'glance')
    await page.keyboard.press('Escape')
  })

  it('asks a ready question about usage', async () => {
    await runCommand('Tollkeeper: Query Usage')
    await row('Today by model').click()
    await row('sandbox-small').waitFor({ timeout: shownWithinMs })
    await screenshot(page, 'query-usage')
    await page.keyboard.press('Escape')
  })

  it('asks for rate limits', async () => {
    await runCommand('Tollkeeper: Query Rate Limits')
    await page.locator('.quick-input-title', { hasText: 'Query Rate Limits' }).waitFor({ timeout: shownWithinMs })
    await page.keyboard.press('Enter')
    await row('5 hour limit').waitFor({ timeout: shownWithinMs })
    await page.keyboard.press('Escape')
  })

  it('opens the dashboard, which shows the call', async () => {
    await runCommand('Tollkeeper: Open Dashboard')
    const inner = page.frameLocator('iframe.webview.ready').frameLocator('#active-frame')
    await inner.getByText('sandbox-small').first().waitFor({ timeout: shownWithinMs })
    await screenshot(page, 'dashboard')
  })

  it('loses the daemon, is told so, and starts it again with two keys', async () => {
    await daemon.kill()
    await item('Tollkeeper off').waitFor({ timeout: shownWithinMs })
    await item('').click()
    await row('Start Daemon').waitFor({ timeout: shownWithinMs })
    await screenshot(page, 'daemon-off')
    await page.keyboard.press('Enter')
    await item(/5h 3\d% · sandbox/).waitFor({ timeout: shownWithinMs })
  })

  it('was shown nothing from beyond this machine', () => assert.deepEqual(workbench.outside, []))

  async function runCommand(title: string): Promise<void> {
    await page.keyboard.press('F1')
    const input = page.locator('.quick-input-widget input[type="text"]').first()
    await input.waitFor({ timeout: shownWithinMs })
    await input.fill(`>${title}`)
    await row(title).waitFor({ timeout: shownWithinMs })
    await page.keyboard.press('Enter')
  }
})
