/** What the search for a browser tells a person, what counts as leaving the machine, and that the browser found renders a page. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { browserAdvice, isOutside, launchBrowser, watchOutside } from './browser.ts'

describe('the browser of the tests', () => {
  it('names the exact command where none could be installed', () => {
    const machine = { env: {}, home: '/' }
    const debian = browserAdvice({ ...machine, platform: 'linux' }, true)
    assert.match(debian, /^ {4}sudo apt-get update && sudo apt-get install -y --no-install-recommends chromium$/m)
    assert.match(
      browserAdvice({ ...machine, platform: 'linux' }, false),
      /^ {4}npx playwright-core install --with-deps chromium$/m,
    )
    assert.match(
      browserAdvice({ ...machine, platform: 'darwin' }, false),
      /^ {4}npx playwright-core install chromium$/m,
    )
  })

  it('takes only loopback addresses for this machine', () => {
    for (const url of [
      'http://127.0.0.1:1/',
      'ws://localhost/',
      'http://[::1]:2/',
      'data:text/plain,a',
      'blob:https://x/1',
    ]) {
      assert.equal(isOutside(url), false, url)
    }
    for (const url of ['https://example.org/', 'wss://127.0.0.1.example.org/', 'http://10.0.0.1/']) {
      assert.equal(isOutside(url), true, url)
    }
  })

  it('shows a page, and reports a request that would leave the machine', async function () {
    this.timeout(900_000)
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html')
      response.end('<title>here</title><img src="https://tollkeeper.invalid/x.png">')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const browser = await launchBrowser()
    try {
      const context = await browser.newContext()
      const outside = watchOutside(context)
      const page = await context.newPage()
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
      assert.equal(await page.title(), 'here')
      assert.equal(outside.length, 1)
      assert.match(outside[0] ?? '', /^https:\/\/tollkeeper\.invalid\/x\.png \(net::ERR_/)
    } finally {
      await browser.close()
      server.close()
    }
  })
})
