import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { type DaemonProcess, startProcess } from '../../daemon/test/process.ts'
import { launchBrowser, watchOutside } from '../../extension/test/host/browser.ts'
import type { UsageReply } from '../../shared/contract/endpoints/core.ts'
import type { Summary } from '../../shared/contract/summary.ts'
import { money, tokens, took } from '../../shared/format.ts'
import { limitRow, windowRow } from '../../shared/test/samples.ts'
import { emptyView } from '../../shared/view.ts'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString()
/** What a change may take to be seen: a second by promise, and room for a busy machine. */
const seen = { timeout: 10_000 }

type Daemon = DaemonProcess & { home: string }

/** The daemon as people install it, in a home of its own; or once more where the one `before` it was. */
async function startDaemon(before?: Daemon): Promise<Daemon> {
  const home = before?.home ?? mkdtempSync(join(tmpdir(), 'tk-dashboard-'))
  const port = before ? new URL(before.url).port : '0'
  return { ...(await startProcess(home, ['--sandbox', '--port', port])), home }
}

async function endDaemon(daemon: Daemon): Promise<void> {
  await daemon.kill()
  rmSync(daemon.home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
}

async function read<T>(daemon: Daemon, path: string, body?: object, method = 'POST'): Promise<T> {
  const reply = await fetch(daemon.url + path, {
    headers: { authorization: `Bearer ${daemon.discovery.token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { method, body: JSON.stringify(body) }),
  })
  assert.equal(reply.status, 200, path)
  return (await reply.json()) as T
}

const linkOf = async (daemon: Daemon) => (await read<{ url: string }>(daemon, '/api/v1/dashboard/link', {})).url

/** One whole call to the sandbox, as a script would make it. */
async function call(daemon: Daemon, model: string): Promise<number> {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] })
  const headers = { 'content-type': 'application/json' }
  const reply = await fetch(`${daemon.url}/p/sandbox/v1/chat/completions`, { method: 'POST', headers, body })
  await reply.text()
  return reply.status
}

/** A page that writes down all that a person would find in the console, and what its policy forbade. */
async function openPage(context: BrowserContext): Promise<{ page: Page; faults: string[] }> {
  const page = await context.newPage()
  const faults: string[] = []
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
  page.on('pageerror', (error) => faults.push(error.message))
  await page.exposeFunction('violated', (what: string) => faults.push(what))
  await page.addInitScript(() => {
    const { violated } = globalThis as unknown as { violated(what: string): void }
    addEventListener('securitypolicyviolation', (event) => violated(`${event.violatedDirective} ${event.blockedURI}`))
  })
  return { page, faults }
}

/** Every violation that axe finds, as `rule: element`. */
async function axe(page: Page): Promise<string[]> {
  await page.evaluate(axeSource)
  return page.evaluate(async () => {
    type Results = { violations: { id: string; nodes: { html: string }[] }[] }
    const { axe } = globalThis as unknown as { axe: { run(): Promise<Results> } }
    const { violations } = await axe.run()
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`))
  })
}

const tile = (page: Page, name: string) =>
  page.locator('#totals .tile', { has: page.getByText(name, { exact: true }) }).locator('.main')

describe('dashboard in a browser', function () {
  this.timeout(120_000)
  // each step stands on the one before
  this.bail(true)
  let browser: Browser
  let daemon: Daemon
  let page: Page
  let faults: string[]
  let outside: string[]
  let link: string

  before(async () => {
    ;[browser, daemon] = await Promise.all([launchBrowser(), startDaemon()])
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark' })
    outside = watchOutside(context)
    ;({ page, faults } = await openPage(context))
  })

  after(async () => {
    await browser?.close()
    if (daemon) await endDaemon(daemon)
  })

  it('opens by its link and says how to make the first call', async () => {
    link = await linkOf(daemon)
    await page.goto(link)
    await page.getByText('Live', { exact: true }).waitFor(seen)
    assert.match(await page.locator('#first-call').innerText(), new RegExp(`curl -N ${daemon.url}/p/sandbox/`))
    assert.equal(page.url(), `${daemon.url}/dashboard`)
    assert.deepEqual(await axe(page), [])
  })

  it('shows calls as they happen, with the numbers that REST gives', async () => {
    assert.equal(await call(daemon, 'sandbox-small'), 200)
    await page.locator('#recent tbody tr').first().waitFor(seen)
    await page.getByText('Simulated', { exact: true }).waitFor(seen)
    assert.equal(await call(daemon, 'sandbox-small'), 200)
    await page.locator('#recent tbody tr').nth(1).waitFor(seen)

    const summary = await read<Summary>(daemon, '/api/v1/summary')
    assert.equal(summary.today.requests, 2)
    assert.equal(await tile(page, 'Calls').innerText(), '2')
    assert.equal(await tile(page, 'Tokens in').innerText(), tokens(summary.today.tokens_input))
    assert.equal(await tile(page, 'Tokens out').innerText(), tokens(summary.today.tokens_output))
    assert.equal(await tile(page, 'Billed').innerText(), money(summary.today.billed_usd))
    assert.match(await page.locator('#now').innerText(), /%/)
  })

  it('draws usage over time and says the same in words and in a table', async () => {
    const { total } = await read<UsageReply>(daemon, '/api/v1/usage?from=24h&bucket=15m')
    const chart = page.getByRole('img', {
      name: `All tokens of the last 24 hours by 15 minutes: ${tokens(total.tokens)}`,
    })
    await chart.waitFor(seen)
    await page.getByRole('radio', { name: 'Calls' }).check()
    await page.getByRole('img', { name: 'All calls of the last 24 hours by 15 minutes: 2' }).waitFor(seen)
    await page.getByRole('button', { name: 'Show as table' }).click()
    assert.equal(await page.locator('#timeline tbody td').first().innerText(), '2')
    assert.equal(await page.locator('#models tbody tr').count(), 1)
    const byModel = await read<UsageReply>(daemon, '/api/v1/usage?from=24h&bucket=15m&group_by=model')
    const { latency_p50_ms, latency_p95_ms } = byModel.total
    assert.ok(latency_p50_ms !== null && latency_p95_ms !== null)
    const cell = await page.locator('#models tbody td').last().innerText()
    assert.deepEqual(cell.split('\n'), [took(latency_p50_ms), `p95 ${took(latency_p95_ms)}`])
  })

  it('keeps session and choices when it is loaded anew', async () => {
    await page.reload()
    await page.locator('#timeline table').waitFor(seen)
    assert.equal(await page.getByRole('radio', { name: 'Calls' }).isChecked(), true)
    await page.getByRole('button', { name: 'Show as chart' }).click()
    await page.locator('#timeline canvas').waitFor(seen)
  })

  it('marks a refused call by words', async () => {
    assert.equal(await call(daemon, 'sandbox-429'), 429)
    await page.locator('#recent').getByText('refused 429').waitFor(seen)
    await page.locator('#totals').getByText('1 failed').waitFor(seen)
  })

  it('shows budgets as they are set, with what stops calls in words', async () => {
    assert.equal(await page.locator('#budgets').count(), 0)
    const body = { period: 'day', limit_tokens: 1, action: 'block' }
    await read(daemon, '/api/v1/budgets/tiny', body, 'PUT')
    const row = page.locator('#budgets tbody tr')
    await row.waitFor(seen)
    // what the sandbox answers never counts
    assert.match(await row.innerText(), /Daily budget\s+tiny[\s\S]*0%[\s\S]*0 of 1 tokens/)
    const [budget] = (await read<Summary>(daemon, '/api/v1/summary')).budgets
    assert.deepEqual([budget?.id, budget?.state], ['tiny', 'ok'])
  })

  it('is readable for everyone: axe finds nothing, dark and light, wide and narrow', async () => {
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      for (const width of [1280, 800, 360]) {
        await page.setViewportSize({ width, height: 800 })
        assert.deepEqual(await axe(page), [], `${colorScheme} ${width}`)
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width)
        const cut = await page
          .locator('.scroll')
          .evaluateAll((tables) =>
            tables.filter((table) => table.scrollWidth > table.clientWidth).map((t) => t.ariaLabel),
          )
        assert.deepEqual(cut, [], `${colorScheme} ${width}`)
      }
    }
    await page.setViewportSize({ width: 1280, height: 800 })
  })

  it('leads the keyboard past the header', async () => {
    await page.reload()
    await page.getByText('Live', { exact: true }).waitFor(seen)
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to the numbers')
    await page.keyboard.press('Enter')
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'content')
  })

  it('has nothing in the console, breaks no policy and asks nobody else', () => {
    assert.deepEqual([faults, outside], [[], []])
  })

  it('refuses a used link, and no link at all, with the command that helps', async () => {
    const other = await browser.newContext()
    const { page: stranger } = await openPage(other)
    await stranger.goto(link)
    await stranger.getByText('This link has been used already').waitFor(seen)
    await stranger.getByText('npx tollkeeper dashboard', { exact: true }).waitFor(seen)
    assert.deepEqual(await axe(stranger), [])
    await stranger.goto(`${daemon.url}/dashboard`)
    await stranger.getByText('whoever opens it with a link').waitFor(seen)
    await other.close()
  })

  it('takes its view from the extension where there is one', async () => {
    const other = await browser.newContext()
    const { page: webview } = await openPage(other)
    const posted: unknown[] = []
    await webview.exposeFunction('posted', (message: unknown) => posted.push(message))
    await webview.addInitScript(() => {
      const scope = globalThis as unknown as { posted(message: unknown): void; acquireVsCodeApi: unknown }
      scope.acquireVsCodeApi = () => ({ postMessage: scope.posted, getState: () => undefined, setState: () => {} })
    })
    await webview.goto(`${daemon.url}/dashboard`)
    await webview.getByText('Connecting', { exact: true }).waitFor(seen)
    assert.deepEqual(posted[0], { type: 'ready' })
    const standing = await read<Summary>(daemon, '/api/v1/summary')
    const { limits, recent } = standing
    const view = { ...emptyView, about: { url: daemon.url, timeZone: 'UTC' }, standing, limits, recent }
    await webview.evaluate((told) => postMessage({ type: 'view', view: told }), view)
    await webview.locator('#recent tbody tr').nth(2).waitFor(seen)

    const open = { resets_at: inHours(60), measured_at: inHours(0) }
    const limit = limitRow({
      cooldown: { until: inHours(1), refusal: 'rate', model: null, reason: 'It says so.' },
      windows: [
        windowRow({ name: '7d', used_pct: 71, elapsed_pct: 62, pace_pct: 9, runs_out_at: inHours(20), ...open }),
        windowRow({ name: '5h', used_pct: 20, elapsed_pct: 50, pace_pct: -30, ...open }),
        windowRow({ name: 'requests', used_pct: 99, resets_at: inHours(-1), measured_at: inHours(-2) }),
      ],
    })
    await webview.evaluate((told) => postMessage({ type: 'view', view: told }), { ...view, limits: [limit] })
    const week = webview.getByRole('img', {
      name: /^Weekly: 71% used, 62% of its time has passed, runs out .*, pace \+9%$/,
    })
    await week.waitFor(seen)
    // its reset has passed: REST would say so too
    await webview.getByRole('img', { name: 'Requests: 0% used', exact: true }).waitFor(seen)
    const [bar, tick] = await Promise.all([week.boundingBox(), week.locator('.tick').boundingBox()])
    assert.ok(bar && tick)
    const at = (tick.x + tick.width / 2 - bar.x) / bar.width
    assert.ok(Math.abs(at - 0.62) < 0.02, `the mark stands at ${at}`)
    await webview
      .locator('#now')
      .getByText(/^runs out .*, pace \+9%$/)
      .waitFor(seen)
    await webview.locator('#now').getByText('lasts, pace -30%', { exact: true }).waitFor(seen)
    await webview
      .locator('#now')
      .getByText(/^avoided until .*: rate limit$/)
      .waitFor(seen)
    assert.deepEqual(await axe(webview), [])

    const spent = (at: number) => limitRow({ model: `m${at}`, windows: [windowRow({ confirmed: false })] })
    const many = [...Array.from({ length: 12 }, (_, at) => spent(at)), limit]
    await webview.evaluate((told) => postMessage({ type: 'view', view: told }), { ...view, limits: many })
    const accounts = webview.locator('#now .account')
    await webview.locator('#now').getByRole('button', { name: 'Show all 13' }).click()
    assert.equal(await accounts.count(), 13)
    assert.match(await accounts.first().innerText(), /avoided until/, 'what says nothing any more comes last')
    const chart = await webview.locator('#timeline').boundingBox()
    assert.ok(chart && chart.height <= 520, `the chart is as tall as 13 limits: ${chart?.height}`)
    await other.close()
  })

  it('says when the daemon has gone', async () => {
    await daemon.kill()
    await page.getByText('Not connected', { exact: true }).waitFor(seen)
    assert.equal(await tile(page, 'Calls').innerText(), '3')
  })

  it('asks for a new link once another daemon has come, and shows by it what was there before', async () => {
    daemon = await startDaemon(daemon)
    await page.getByText('Your session is over').waitFor(seen)
    await page.goto(await linkOf(daemon))
    await page.getByText('Live', { exact: true }).waitFor(seen)
    assert.equal(await tile(page, 'Calls').innerText(), '3')
  })
})
