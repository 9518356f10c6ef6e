/** Runs the bundled suite inside a real extension host, on a desktop VS Code or a code-server alike. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { format } from 'node:util'
import { runInDesktop } from './desktop.ts'
import { extensionRoot, type Host, startHost } from './harness.ts'
import { type Counts, judge, readResult, reportOf } from './suite-result.ts'

export type SuiteOptions = {
  readonly grep?: string | undefined
  readonly extension?: string
  /** The bundled module that exports `run()`. */
  readonly tests?: string
}

type Ended = {
  readonly code: number | undefined
  readonly outside: readonly string[]
  readonly console: readonly string[]
}

const limitMs = Number(process.env['TOLLKEEPER_HOST_LIMIT_MS'] ?? 300_000)

/** Of the log that goes with a failure: the host and its page say much that is of no use. */
const linesShown = 120

/** Counts the tests; a fault of the run itself is printed and counts as a failure. */
export async function runSuite({
  grep,
  extension = extensionRoot,
  tests = join(extensionRoot, 'dist', 'test-host', 'index.js'),
}: SuiteOptions = {}): Promise<Counts> {
  const host = await startHost({ env: { TOLLKEEPER_TEST_GREP: grep ?? '' } })
  try {
    const began = Date.now()
    const { code, outside, console: lines } = await run(host, { extension, tests })
    // No file means no result, and `judge` says so.
    const result = readResult(await readFile(host.folders.result, 'utf8').catch(() => undefined))
    const { problems, ...counts } = judge({ code, result, outside })
    if (result && host.program.kind === 'code-server') console.log(reportOf(result))
    for (const problem of problems) console.error(`    ✖ ${problem}`)
    const said = [host.log(), ...lines].join('\n').trim().split('\n').slice(-linesShown).join('\n')
    if (counts.failed > 0 && said) console.error(`\n  What the host and its page said:\n${said}`)
    console.log(`\n  ${host.program.kind}, exit code ${code ?? 'none'}, ${Date.now() - began} ms\n`)
    return counts
  } finally {
    await host.stop()
  }
}

async function run(host: Host, development: { readonly extension: string; readonly tests: string }): Promise<Ended> {
  if (host.program.kind === 'desktop') {
    return { code: await runInDesktop(host.program, host, development), outside: [], console: [] }
  }
  const said: string[] = []
  let exit: (code: number) => void = () => {}
  const ended = new Promise<number>((resolve) => {
    exit = resolve
  })
  const workbench = await host.open(development, async (page) => {
    // What a VS Code in a browser calls while it runs tests: with each line that its extension host writes, and at the end.
    await page.exposeFunction('codeAutomationLog', (type: string, args: unknown[]) =>
      said.push(`[${type}] ${format(...args)}`),
    )
    await page.exposeFunction('codeAutomationExit', (code: number) => exit(code))
  })
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), limitMs)
  })
  try {
    const code = await Promise.race([ended, late])
    return { code, outside: [...workbench.outside], console: [...workbench.console, ...said] }
  } finally {
    clearTimeout(timer)
    await workbench.close()
  }
}
