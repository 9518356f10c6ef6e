/** What the commands about the disk say and answer: beside a daemon, and without one. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { callId, ended, started } from '../store/test-home.ts'
import { verifyHome } from '../store/verify.ts'
import { type Story, start } from '../test/start.ts'
import { backup, restore } from './backup.ts'
import { runCommandLine } from './command-line.ts'
import type { Io } from './io.ts'
import { openProgress } from './progress.ts'
import type { Input } from './secret-input.ts'

describe('the commands about the disk', () => {
  let story: Story
  before(async () => {
    story = await start()
    record(3)
  })
  after(() => story.end())

  function record(count: number): void {
    for (let i = 0; i < count; i++) {
      const call = callId()
      story.daemon.book.record(started(call))
      story.daemon.book.record(ended(call))
    }
    story.daemon.book.settle()
  }

  async function run(...args: string[]) {
    const said = { out: '', err: '' }
    const code = await runCommandLine(args, {
      out: (text) => void (said.out += text),
      err: (text) => void (said.err += text),
      env: { TOLLKEEPER_HOME: story.home },
      now: Date.now,
      columns: Infinity,
      platform: 'linux',
    })
    return { code, ...said }
  }

  it('verify a home while its daemon runs', async () => {
    const { code, out, err } = await run('verify')
    assert.deepEqual([code, err], [0, ''])
    assert.match(
      out,
      /^Events 1 to 6 in one segment \(6 lines, [\d.]+ kB\)\. There is no snapshot yet\.\nNo fault was found\.\n$/,
    )
  })

  it('compact it by the daemon', async () => {
    const { code, out, err } = await run('compact')
    assert.deepEqual([code, err], [0, ''])
    assert.match(out, /^The snapshot holds everything up to event 6\. One segment is kept \([\d.]+ k?B\)\.\n$/)
    assert.equal(story.daemon.book.figures().snapshot, 6)
    assert.match((await run('verify')).out, /up to 6; it was compared with all events folded anew\./)
  })

  it('say of a torn snapshot that it cannot be read, and not that there is none', async () => {
    const path = join(story.home, 'ledger.json')
    const whole = readFileSync(path)
    writeFileSync(path, whole.subarray(0, 100))
    const { code, out } = await run('verify')
    writeFileSync(path, whole)
    assert.equal(code, 1)
    assert.match(out, /ledger\.json cannot be read as a snapshot/)
    assert.doesNotMatch(out, /no snapshot yet/)
  })

  it('compact it without a daemon, as its next start would find it', async () => {
    story.daemon.book.record(started())
    record(1)
    await story.daemon.close(0)
    const { code, out, err } = await run('compact')
    assert.deepEqual([code, err], [0, ''])
    // with who asked for the compaction; what the daemon left open is ended first, in a segment of its own
    assert.match(out, /^The snapshot holds everything up to event 11\. 3 segments are kept/)
    await story.restart()
    assert.equal(story.daemon.book.recovered.events, 0)
    assert.equal(story.daemon.book.ledger.lifetime.real.requests, 5)
  })

  it('back it up while its daemon runs, and restore it elsewhere with a passphrase from standard input', async () => {
    const file = join(story.home, 'my-backup')
    const plain = await run('backup', file)
    assert.deepEqual([plain.code, plain.err], [0, 'Keys are not in it; --with-secrets takes them in, encrypted.\n'])
    assert.match(plain.out, /my-backup holds everything up to event 11 \([\d.]+ kB\)\.\n$/)
    assert.match((await run('backup', file)).err, /is there already/)
    assert.match((await run('restore', file)).err, /^Tollkeeper .* runs on .* Nothing was changed\.\n$/)

    const said = { text: '' }
    const say = (text: string) => void (said.text += text)
    const io: Io = { out: say, err: say, json: false, columns: 80, env: {}, now: Date.now, platform: 'linux' }
    const typed = (text: string) => {
      const input = new PassThrough()
      input.end(text)
      return input as unknown as Input
    }
    const sealed = { home: story.home, file: `${file}-2`, withSecrets: true }
    assert.equal(await backup(sealed, io, typed('\n')), 2)
    assert.equal(await backup(sealed, io, typed('a passphrase\n')), 0)
    const to = { home: join(story.home, 'restored'), file: `${file}-2`, replace: false }
    assert.equal(await restore(to, io, typed('another\n')), 1)
    assert.match(said.text, /The passphrase is wrong\. Nothing was changed\.\n$/)
    assert.equal(await restore(to, io, typed('a passphrase\n')), 0)
    assert.match(said.text, /restored holds everything up to event 11, as of \d{4}-/)
    assert.deepEqual((await verifyHome(to.home)).faults, [])
    assert.deepEqual(readFileSync(join(to.home, 'secrets.json')), readFileSync(join(story.home, 'secrets.json')))
  })

  it('say what is wrong, with 1 where there is a fault and 2 where they were misused', async () => {
    await story.daemon.close(0)
    const folder = join(story.home, 'journal')
    const file = join(folder, readdirSync(folder).sort()[0] ?? '')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace('"cost":1000', '"cost":1001'))
    const { code, out } = await run('verify')
    assert.equal(code, 1)
    assert.match(out, /^Line 3 of .* cannot be read: its check sum does not fit/)
    assert.match(out, /3 faults were found\.\n$/)
    const json = JSON.parse((await run('verify', '--json')).out) as { ok: boolean; faults: { line: number | null }[] }
    assert.deepEqual([json.ok, json.faults.map(({ line }) => line)], [false, [3, 4, null]])
    writeFileSync(file, text)
    assert.equal((await run('verify', '--colour')).code, 2)
    const nowhere = join(story.home, 'nowhere')
    assert.match((await run('verify', '--home', nowhere)).err, /There is no folder .*nowhere/)
    assert.equal((await run('compact', '--home', nowhere)).code, 2)
    assert.deepEqual(readdirSync(story.home).includes('nowhere'), false)
    await story.restart()
  })
})

describe('the progress bar', () => {
  it('is drawn on a terminal alone, once a percent, and taken away at the end', () => {
    const written: string[] = []
    const write = (text: string) => written.push(text)
    const progress = openProgress('Working', { isTTY: true, write })
    for (let i = 0; i <= 1000; i++) progress.show(i / 1000)
    assert.equal(written.length, 101)
    assert.equal(written[50], `\rWorking ${'█'.repeat(15)}${'░'.repeat(15)}  50%`)
    progress.end()
    assert.equal(written.at(-1), '\r\x1b[2K')
    const silent = openProgress('Working', { write })
    silent.show(0.5)
    silent.end()
    assert.equal(written.length, 102)
  })
})
