/** Runs all tests: every bundled file in one go of mocha, then the suite inside VS Code; closes with one line that sums them up. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import Mocha from 'mocha'
import { browserPath } from '../../extension/test/host/browser.ts'
import { hostProgram } from '../../extension/test/host/program.ts'
import { runSuite } from '../../extension/test/host/run-suite.ts'
import type { Counts } from '../../extension/test/host/suite-result.ts'
import { type Asked, closingLine, exitCodeOf, readArguments, sum } from './tally.ts'

const here = dirname(fileURLToPath(import.meta.url))

/** Each file is loaded by itself, so that one that does not load fails the run without hiding the others. */
async function loadInto(mocha: Mocha): Promise<number> {
  let broken = 0
  const files = readdirSync(here, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.test.mjs'))
  for (const name of files.sort(hostTestsLast)) {
    const file = join(here, name)
    mocha.suite.emit(Mocha.Suite.constants.EVENT_FILE_PRE_REQUIRE, globalThis, file, mocha)
    try {
      await import(pathToFileURL(file).href)
    } catch (error) {
      broken += 1
      console.error(`\n  ${relative(process.cwd(), file)} does not load:`, error)
    }
    mocha.suite.emit(Mocha.Suite.constants.EVENT_FILE_POST_REQUIRE, globalThis, file, mocha)
  }
  return broken
}

/** What needs VS Code or a browser comes last, after the file that waits for both, so that these can be fetched meanwhile. */
function hostTestsLast(a: string, b: string): number {
  const rank = (name: string): number =>
    /provision\.test/.test(name) ? 1 : /^(extension[\\/]test|media)[\\/]/.test(name) ? 2 : 0
  return rank(a) - rank(b) || (a < b ? -1 : 1)
}

async function runBundled({ grep }: Asked): Promise<Counts> {
  const mocha = new Mocha({
    ui: 'bdd',
    reporter: 'spec',
    timeout: 20_000,
    forbidOnly: true,
    forbidPending: true,
    ...(grep && { grep }),
  })
  const broken = await loadInto(mocha)
  return new Promise((resolve) => {
    const runner = mocha.run(() => {
      const { passes = 0, failures = 0 } = runner.stats ?? {}
      resolve({ passed: passes, failed: failures + broken })
    })
  })
}

/** A VS Code that cannot be had is a failure like any other, after the tests that need none have had their say. */
async function runInHost({ grep }: Asked): Promise<Counts> {
  console.log('  Inside a VS Code extension host')
  try {
    return await runSuite({ grep })
  } catch (error) {
    console.error('\n ', error instanceof Error ? (error.stack ?? error.message) : error)
    return { passed: 0, failed: 1 }
  }
}

function prepare(): void {
  // Begun now, so that they are there when they are needed; whoever needs them gets the error.
  for (const begun of [hostProgram(), browserPath()]) begun.catch(() => undefined)
}

/** A test that forgets to name its home must not reach the user's, nor their keys. */
function isolate(): void {
  const home = mkdtempSync(join(tmpdir(), 'tk-run-'))
  process.on('exit', () => rmSync(home, { recursive: true, force: true }))
  for (const name of Object.keys(process.env)) {
    if (/^(ANTHROPIC|OPENAI)_|^TOLLKEEPER_(URL|TOKEN)$/.test(name)) delete process.env[name]
  }
  process.env['TOLLKEEPER_HOME'] = home
  // Where a proxy is set for downloads, what tests send to this machine must not go through it.
  const direct = [process.env['no_proxy'] ?? process.env['NO_PROXY'], '127.0.0.1', 'localhost', '::1']
  process.env['no_proxy'] = process.env['NO_PROXY'] = direct.filter(Boolean).join(',')
}

async function main(): Promise<void> {
  const asked = readArguments(process.argv.slice(2))
  isolate()
  if (asked.host) prepare()
  const parts = [await runBundled(asked)]
  if (asked.host) parts.push(await runInHost(asked))
  const total = sum(parts)
  if (total.passed + total.failed === 0)
    console.error(`\n  no test ran${asked.grep ? `: no title has “${asked.grep}”` : ''}`)
  // Exits by itself: a handle that a test left open must not keep a finished run from ending.
  process.stdout.write(`${closingLine(total)}\n`, () => process.exit(exitCodeOf(total)))
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.stdout.write(`${closingLine({ passed: 0, failed: 1 })}\n`, () => process.exit(1))
})
