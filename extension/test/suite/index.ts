/** Loaded inside the extension host by whichever VS Code runs the tests; runs every bundled test file beside it. CommonJS once bundled. */
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SuiteResult } from '../host/suite-result.ts'

/** Resolves if all tests passed; else throws, which is what makes VS Code exit with a failure. */
export async function run(): Promise<void> {
  const passed: string[] = []
  const failed: SuiteResult['failed'][number][] = []
  try {
    await runMocha(passed, failed)
  } catch (error) {
    console.error(textOf(error))
    failed.push({ title: 'the suite', error: textOf(error) })
  } finally {
    const file = process.env['TOLLKEEPER_TEST_RESULT']
    if (file) writeFileSync(file, JSON.stringify({ passed, failed } satisfies SuiteResult))
  }
  if (failed.length > 0) throw new Error(`${failed.length} failed: ${failed.map(({ title }) => title).join(', ')}`)
}

async function runMocha(passed: string[], failed: { title: string; error: string }[]): Promise<void> {
  const { default: Mocha } = await import('mocha')
  const grep = process.env['TOLLKEEPER_TEST_GREP']
  const mocha = new Mocha({
    ui: 'bdd',
    reporter: 'spec',
    color: false,
    timeout: 20_000,
    forbidOnly: true,
    forbidPending: true,
    ...(grep && { grep }),
  })
  for (const file of readdirSync(__dirname).sort()) if (file.endsWith('.test.js')) mocha.addFile(join(__dirname, file))
  await mocha.loadFilesAsync()
  await new Promise<void>((resolve) => {
    mocha
      .run(() => resolve())
      .on('pass', (test) => passed.push(test.fullTitle()))
      .on('fail', (test, error: unknown) => failed.push({ title: test.fullTitle(), error: textOf(error) }))
  })
  if (!grep && passed.length + failed.length === 0) throw new Error('no test ran inside the extension host')
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
