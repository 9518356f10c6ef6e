/** Diagnostics by the doctor of the built daemon: what they say, and that no key and no name of the user is in them. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { diagnosticsText, doctorSays, type Surroundings } from './diagnostics.ts'

describe('diagnostics', function () {
  this.timeout(30_000)
  let home = ''
  const options = (program: string) => ({
    home,
    built: '',
    version: '1.0.0',
    program,
    proxy: undefined,
    env: process.env,
  })
  const around: Surroundings = {
    ...{ editor: 'Code 1.100.0', remote: undefined, version: '1.0.0', userHome: '/home/ann', link: { kind: 'live' } },
  }
  const key = (place: string) => `sk-ant-api03-${place}Zq9x7Kd2Lm4Np6Rs8`

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'tk-diagnostics-'))
  })
  afterEach(() => rm(home, { recursive: true, force: true }))

  it('hold what the doctor of the real program finds, and no key of a home that is not in order', async () => {
    const config = `{ "providers": { "${key('name')}": {}, "up": { "apiKey": ${key('unquoted')} } } }`
    await writeFile(join(home, 'config.jsonc'), config)
    const doctor = await doctorSays(options(resolve('dist/daemon/main.mjs')), ['--offline'])
    const text = diagnosticsText({ ...around, userHome: home }, doctor)
    assert.match(text, /^```text\nCode 1\.100\.0 on .*, extensions here\nExtension 1\.0\.0, .*: attached\n\n/)
    assert.match(text, /fail {2}config .*line 1, column 78: [^]*→ Put ~.config\.jsonc right/)
    assert.doesNotMatch(text, /Zq9x7Kd2Lm4Np6Rs8/)
    assert.ok(!text.includes(home), text)
  })

  it('say why there is nothing of the doctor', async () => {
    const main = join(home, 'main.mjs')
    assert.match(await doctorSays(options(main)), /Cannot find module/)
    await writeFile(main, '')
    assert.equal(await doctorSays(options(main)), 'It did not run: it said nothing')
  })

  it('hold no secret, whoever said it, and stay one block', () => {
    const link = { kind: 'off', why: `nobody answers ${key('why')}` } as const
    const text = diagnosticsText({ ...around, remote: 'wsl', link }, `/home/ann/x ${key('said')}\n\`\`\`\nmore`)
    assert.deepEqual(text.split('\n'), [
      '```text',
      `Code 1.100.0 on ${process.platform} ${process.arch}, extensions at wsl`,
      'Extension 1.0.0, the daemon as this window sees it: off (nobody answers [secret])',
      '',
      '~/x [secret]',
      "'''",
      'more',
      '```',
      '',
    ])
  })
})
