/** Runs before every test that needs a browser or a VS Code, and waits for both, so that those tests can have short limits. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import { browserPath } from './browser.ts'
import { hostProgram } from './program.ts'

describe('what the tests bring along', () => {
  it('a browser', async function () {
    this.timeout(1_800_000)
    assert.ok(existsSync(await browserPath()))
  })

  it('a VS Code, outside of this folder', async function () {
    this.timeout(1_800_000)
    const program = await hostProgram()
    const path = program.kind === 'desktop' ? program.executable : program.entry
    assert.ok(existsSync(path))
    assert.match(relative(process.cwd(), path), /^\.\.|^[A-Za-z]:/)
  })
})
