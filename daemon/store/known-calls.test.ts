/** What is known of calls for imports: all that was ever recorded, also past the retention of the journal. */
import assert from 'node:assert/strict'
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { noUsage } from '../../shared/contract/usage.ts'
import { type CallTold, importedAttemptId, markOf, marksOfEnded, marksOfTold } from './call-marks.ts'
import { type Disk, realDisk } from './disk.ts'
import {
  callId,
  ended,
  inlineCompactorOn,
  keptFor,
  makeHome,
  recordCalls,
  type TestBook,
  type TestHome,
} from './test-home.ts'

const at = Date.parse('2026-03-10T12:00:00Z')
const usage = { ...noUsage, input: 900, cacheRead: 100, output: 50 }
const told = (more: Partial<CallTold> = {}): CallTold => ({
  source: 'claude-code',
  attempt: importedAttemptId('claude-code', 'k'),
  requestId: null,
  at,
  model: 'm',
  usage,
  ...more,
})

describe('calls that are known', () => {
  let home: TestHome
  beforeEach(async () => {
    home = await makeHome()
  })
  afterEach(() => home.remove())

  async function knows(book: TestBook, one: CallTold): Promise<boolean> {
    const gathered = await book.knownCalls()
    assert.equal(gathered.kind, 'gathered')
    return gathered.kind === 'gathered' && marksOfTold(one).some((mark) => gathered.marks.includes(mark))
  }

  it('are those with the same id of the provider, whatever else is told of them', async () => {
    const book = await home.open()
    book.record(ended(callId(), { upstreamId: 'req_1' }))
    assert.equal(await knows(book, told({ requestId: 'req_1' })), true)
    assert.equal(await knows(book, told({ requestId: 'req_2' })), false)
  })

  it('are those with the same tokens within a minute, where no id is told', () => {
    const near = (more: Partial<CallTold>) => {
      const left = marksOfEnded(ended(callId(), { startedAt: at - 90_000, usage }), at)
      return marksOfTold(told({ ...more })).some((mark) => left.includes(mark))
    }
    assert.equal(near({ at: at + 1000 }), true)
    assert.equal(near({ at: at - 90_000 }), true)
    assert.equal(near({ at: at + 5 * 60_000 }), false)
    assert.equal(near({ usage: { ...usage, output: 51 } }), false)
    assert.equal(near({ requestId: 'another' }), false)
    assert.equal(near({ usage: noUsage }), false)
  })

  it('are those that used nothing, in an export by their very time', () => {
    const left = marksOfEnded(ended(callId(), { startedAt: at - 500, model: 'm', usage: null }), at)
    const isKnown = (one: CallTold) => marksOfTold(one).some((mark) => left.includes(mark))
    for (const when of [at, at - 500]) assert.equal(isKnown(told({ source: 'export', at: when, usage: noUsage })), true)
    assert.equal(isKnown(told({ source: 'export', at: at + 1, usage: noUsage })), false)
  })

  it('are imported ones by their own id, and in an export by their content', () => {
    const attempt = importedAttemptId('codex', 'k')
    const left = marksOfEnded(
      ended(callId(), { attempt, imported: 'codex', startedAt: at, model: 'm', usage }),
      at + 1e9,
    )
    const isKnown = (one: CallTold) => marksOfTold(one).some((mark) => left.includes(mark))
    assert.equal(isKnown(told({ source: 'codex', attempt })), true)
    assert.equal(isKnown(told({ source: 'export' })), true)
    assert.equal(isKnown(told({ source: 'export', model: 'n' })), false)
    assert.equal(isKnown(told()), false)
  })

  it('stay known when their segments are gone, though nobody has imported anything until then', async () => {
    let now = at
    const book = await home.open({ now: () => now, retention: keptFor(1) })
    book.record(ended(callId(), { upstreamId: 'req_old' }))
    for (let day = 0; day < 4; day++) {
      now += 2 * 24 * 3600 * 1000
      recordCalls(book, 2)
      await book.compact()
    }
    const journal = readdirSync(join(home.path, 'journal')).map((file) =>
      readFileSync(join(home.path, 'journal', file), 'utf8'),
    )
    assert.equal(journal.join('').includes('req_old'), false)
    assert.equal(await knows(book, told({ requestId: 'req_old' })), true)
  })

  it('are read from the journal anew where their files are gone, foreign or cut off', async () => {
    const book = await home.open()
    recordCalls(book, 5)
    book.record(ended(callId(), { upstreamId: 'req_1' }))
    assert.equal(await knows(book, told({ requestId: 'req_1' })), true)
    const folder = join(home.path, 'known-calls')
    const only = () => join(folder, readdirSync(folder)[0] ?? '')
    rmSync(folder, { recursive: true })
    assert.equal(await knows(book, told({ requestId: 'req_1' })), true)
    writeFileSync(only(), 'something else that is long enough')
    assert.equal(await knows(book, told({ requestId: 'req_1' })), true)
    appendFileSync(only(), 'cut')
    book.record(ended(callId(), { upstreamId: 'req_2' }))
    assert.equal(await knows(book, told({ requestId: 'req_2' })), true)
    assert.equal(await knows(book, told({ requestId: 'req_1' })), true)
  })

  it('are never taken for all where a segment cannot be read', async () => {
    let isBroken = false
    const disk: Disk = {
      ...realDisk,
      read: (path) =>
        isBroken && path.endsWith('.jsonl')
          ? Promise.reject(new Error('EIO: the disk is broken'))
          : realDisk.read(path),
    }
    const book = await home.open({ disk, compactor: inlineCompactorOn(disk) })
    book.record(ended(callId(), { upstreamId: 'req_1' }))
    isBroken = true
    const refused = await book.knownCalls()
    assert.ok(refused.kind === 'refused' && refused.why.includes('EIO'), JSON.stringify(refused))
    isBroken = false
    assert.equal(await knows(book, told({ requestId: 'req_1' })), true)
  })

  it('do not keep a history from being compacted whose old segment stays unreadable', async () => {
    let isBroken = false
    const disk: Disk = {
      ...realDisk,
      read: (path) =>
        isBroken && path.includes('000000000001-')
          ? Promise.reject(new Error('EIO: the disk is broken'))
          : realDisk.read(path),
    }
    const book = await home.open({ disk, compactor: inlineCompactorOn(disk) })
    recordCalls(book, 1)
    await book.compact()
    // as a version left it that kept no marks
    rmSync(join(home.path, 'known-calls'), { recursive: true })
    isBroken = true
    recordCalls(book, 1)
    await book.compact()
    assert.equal(book.figures().snapshot, 4)
  })

  it('stand in few files, however often more of them come', async () => {
    const book = await home.open()
    for (let i = 0; i < 40; i++) {
      book.record(ended(callId(), { upstreamId: `req_${i}` }))
      await book.compact()
    }
    assert.ok(readdirSync(join(home.path, 'known-calls')).length < 33)
    for (const i of [0, 31, 32, 39]) assert.equal(await knows(book, told({ requestId: `req_${i}` })), true)
  })

  it('have marks that differ where a single letter does', () => {
    const marks = new Set<number>()
    for (let i = 0; i < 100_000; i++) marks.add(markOf('request', `req_${i}`)).add(markOf('attempt', `req_${i}`))
    assert.equal(marks.size, 200_000)
    for (const mark of marks) assert.ok(Number.isSafeInteger(mark) && mark >= 0)
  })
})
