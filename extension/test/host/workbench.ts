/** The workbench of a code-server, shown by a browser that reaches nothing but this machine. */
import type { Page } from 'playwright-core'
import { launchBrowser, watchOutside } from './browser.ts'
import { type Development, type Server, workbenchUrl } from './code-server.ts'

export type Workbench = {
  readonly page: Page
  /** Addresses beyond this machine that were asked for; expected to stay empty. */
  readonly outside: readonly string[]
  /** What the page wrote to its console, for the report of a failure. */
  readonly console: readonly string[]
  close(): Promise<void>
}

type Show = Development & {
  readonly workspace: string
  /** Runs before the page loads. */
  readonly prepare?: ((page: Page) => Promise<void>) | undefined
}

export async function showWorkbench(server: Server, { workspace, prepare, ...development }: Show): Promise<Workbench> {
  const browser = await launchBrowser()
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark' })
    const outside = watchOutside(context)
    const page = await context.newPage()
    const lines: string[] = []
    page.on('console', (message) => lines.push(`[${message.type()}] ${message.text()}`))
    page.on('pageerror', (error) => lines.push(`[error] ${error.message}`))
    await prepare?.(page)
    await page.goto(workbenchUrl(server, workspace, development))
    return { page, outside, console: lines, close: () => browser.close() }
  } catch (error) {
    await browser.close()
    throw error
  }
}
