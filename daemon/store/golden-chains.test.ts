/** A home with chains, failovers and cooldowns as the version wrote it that brought them, kept for ever. */
import assert from 'node:assert/strict'
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { inOrder } from '../ledger/recent.ts'
import { receiptOf } from '../ledger/views/receipt.ts'
import { keptFor, makeHome, type TestBook, type TestHome } from './test-home.ts'
import { verifyHome } from './verify.ts'

/** Three calls that openai refused and anthropic served, one that was refused as all targets cooled. */
const now = Date.UTC(2026, 2, 4, 20, 1)

describe('a home with chains', () => {
  let home: TestHome
  beforeEach(async () => {
    home = await makeHome()
    await cp(join('daemon', 'store', 'fixtures', 'golden-chains'), home.path, { recursive: true })
  })
  afterEach(() => home.remove())
  const open = () => home.open({ now: () => now, epoch: 2, retention: keptFor(1e6) })

  async function hasAll(book: TestBook): Promise<void> {
    const { chains, cooldowns, recent, refusals } = book.ledger
    assert.deepEqual([chains.failedOver.real, chains.rows.size], [3, 1])
    assert.deepEqual(
      [...cooldowns.values()].map(({ provider, model, refusal, strikes }) => [provider, model, refusal, strikes]),
      [
        ['anthropic', null, 'money', 2],
        ['mistral', null, 'credential', 1],
      ],
    )
    assert.deepEqual(
      [...refusals.values()].map(({ code }) => code),
      ['targets_cooling'],
    )
    const ends = inOrder(recent.real).map(({ e }) => [e.provider, e.last, e.refusal ?? null, e.skipped?.length ?? 0])
    assert.deepEqual(ends.slice(2), [
      ['openai', false, 'rate', 0],
      ['anthropic', true, null, 1],
      ['openai', false, 'rate', 0],
      ['anthropic', true, null, 1],
    ])
    const last = inOrder(recent.real).at(-1)?.e.call ?? ''
    assert.deepEqual(
      receiptOf(await book.entriesOf(last), () => null)?.attempts.map(({ provider, skipped }) => [
        provider,
        skipped.length,
      ]),
      [
        ['openai', 0],
        ['anthropic', 1],
      ],
    )
    assert.deepEqual(book.warn.raised, [])
  }

  it('is read, and found well when it is verified', async () => {
    assert.deepEqual((await verifyHome(home.path)).faults, [])
    await hasAll(await open())
  })

  it('gives the same from the snapshot before the newest, and from the segments alone', async () => {
    await rm(join(home.path, 'ledger.json'))
    await hasAll(await open())
    await rm(join(home.path, 'ledger.json.prev'))
    await hasAll(await open())
  })
})
