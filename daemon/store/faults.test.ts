/** Every step on the disk fails once in each way it can, and from then on: calls are recorded all the same, and nothing is lost once the disk is well. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import fc from 'fast-check'
import { type Fault, type MemoryDisk, type Step } from './test-memory-disk.ts'
import {
  openStory,
  openStoryDisk,
  type Phase,
  phases,
  recoverFrom,
  type Story,
  storyHome,
  wholeTextOf,
} from './test-story.ts'

const writes: Step[] = ['write', 'writeNow']
const makes: Step[] = ['create', 'createNow', 'link', 'copy', 'rename']
const takes: Step[] = ['remove', 'removeNow']
const reads: Step[] = ['read', 'readStart', 'list']
const ends: Step[] = ['sync', 'syncFolder', 'cut', 'close', 'closeNow']

/** What each kind of fault can befall. `short`: half is written; `gate`: a sync fails and drops what it had to sync. */
const kinds: { fault: string; steps: readonly Step[] }[] = [
  { fault: 'ENOSPC', steps: [...writes, ...makes] },
  { fault: 'EIO', steps: [...writes, ...makes, ...takes, ...reads, ...ends] },
  { fault: 'EROFS', steps: [...makes, ...takes] },
  { fault: 'EACCES', steps: [...makes, ...takes, ...reads] },
  { fault: 'EACCES', steps: ['read', 'readStart'] },
  { fault: 'short', steps: writes },
  { fault: 'gate', steps: ['sync'] },
]

/** Steps whose failing costs nothing at all, so that nothing is said of it. */
function isHarmless(step: Step, path: string): boolean {
  // a header is read once more with its file, and says whose history it is as well as the file `origin`
  return (
    ['close', 'closeNow', 'remove', 'removeNow', 'link', 'readStart'].includes(step) ||
    path === join(storyHome, 'origin')
  )
}

async function assertWhole(story: Story, disk: MemoryDisk): Promise<void> {
  const found = await recoverFrom(disk)
  const [read, live] = [await wholeTextOf(found.ledger, disk), await wholeTextOf(story.ledger(), disk)]
  assert.equal(read, live, 'recover gives what the live ledger said')
  // all that ended, and the one that a close left open
  assert.equal(found.ledger.lifetime.real.requests, story.ended + 1)
  assert.equal(found.ledger.open.size, 0)
  // half a line that could not be cut off again is all that may be odd
  assert.deepEqual(
    found.warn.raised.filter((code) => code !== 'journal-torn'),
    [],
  )
}

/** Tells the story on a disk that fails as `strike` says, until it is well again; then nothing may be missing. */
async function tellWith(strike: Fault): Promise<{ isTold: boolean }> {
  const disk = openStoryDisk()
  const story = openStory(disk)
  let refusals = 0
  for (const phase of phases) {
    // a daemon that ends on a disk that fails takes with it what the disk refused
    disk.fault = phase === 'close' ? undefined : strike
    await story.tell(phase)
    if (story.refused === null) continue
    refusals++
    disk.fault = undefined
    await story.tell(phase)
  }
  disk.fault = undefined
  // what could not be read at a start is read at the next one
  if (story.warn.raised.some((code) => code === 'journal-gap' || code === 'snapshot-unreadable')) {
    await story.drain()
    story.warn.standing.clear()
    await story.tell('restart')
  }
  await story.untilWell()
  await assertWhole(story, disk)
  await story.close()
  await assertWhole(story, disk)
  return { isTold: story.warn.raised.length > 0 || story.logged.length > 0 || refusals > 0 }
}

describe('a disk that fails at one step', function () {
  this.timeout(120_000)
  const steps: { step: Step; phase: Phase }[] = []
  before(async () => {
    const disk = openStoryDisk()
    const story = openStory(disk)
    for (const phase of phases) {
      await story.tell(phase)
      while (steps.length < disk.steps.length) {
        const { step } = disk.steps[steps.length] ?? {}
        if (step) steps.push({ step, phase })
      }
    }
    assert.deepEqual(story.warn.raised, [])
    assert.deepEqual([...story.ledger().months.keys()], ['2026-01'])
    await assertWhole(story, disk)
    await story.close()
  })

  for (const { fault, steps: befallen } of kinds) {
    for (const once of [true, false]) {
      it(`${fault} ${once ? 'once' : 'from then on'}: at every step that it can befall`, async () => {
        let runs = 0
        for (const [i, { step, phase }] of steps.entries()) {
          if (!befallen.includes(step) || phase === 'close') continue
          runs++
          const struck: boolean[] = []
          const strike: Fault = (now, path, number) => {
            if (number <= i || !befallen.includes(now) || (once && struck.length > 0)) return undefined
            struck.push(isHarmless(now, path))
            return fault
          }
          try {
            const { isTold } = await tellWith(strike)
            assert.ok(isTold || fault === 'short' || !struck.includes(false), 'somebody is told')
          } catch (error) {
            throw new Error(`${fault} at step ${i + 1}, ${step} of ${phase}`, { cause: error })
          }
        }
        assert.ok(runs > 10, `${runs} steps only: nothing was tested`)
      })
    }
  }

  const stretch = fc.record({
    from: fc.nat(340),
    length: fc.integer({ min: 1, max: 12 }),
    kind: fc.constantFrom(...kinds),
  })

  it('a file that may not grow: the history goes on in the next one', async () => {
    const disk = openStoryDisk()
    const story = openStory(disk)
    disk.fault = (step, path) =>
      writes.includes(step) && path.endsWith('.jsonl') && disk.bytesOf(path).length > 3000 ? 'EFBIG' : undefined
    for (const phase of phases) {
      await story.tell(phase)
      await story.drain()
    }
    assert.ok(story.warn.raised.includes('journal-failing'))
    await story.untilWell()
    await assertWhole(story, disk)
    await story.close()
  })

  it('a home that is taken away while it is written: said, made anew, and what is told from then on is kept', async () => {
    const disk = openStoryDisk()
    const story = openStory(disk)
    for (const phase of ['start', 'record', 'rotate'] as const) await story.tell(phase)
    disk.removeAll(storyHome)
    await story.tell('rotate')
    assert.ok([...story.warn.standing.values()].some((text) => text.includes('was taken away while')))
    assert.ok([...story.warn.standing.keys()].some((key) => key.startsWith('journal-failing')))
    await story.drain()
    await story.tell('rotate')
    assert.ok(![...story.warn.standing.keys()].some((key) => key.startsWith('journal-failing')))
    const found = await recoverFrom(disk)
    assert.equal(found.origin, story.origin())
    assert.equal(found.last, story.ledger().last)
    assert.equal(found.ledger.lifetime.real.requests, 16)
    await story.close()
  })

  it('a home of which nothing can be read is refused by name, and keeps its history', async () => {
    const disk = openStoryDisk()
    const story = openStory(disk)
    for (const phase of phases.slice(0, -1)) await story.tell(phase)
    const origin = disk.bytesOf(join(storyHome, 'origin'))
    disk.fault = (step) => (step === 'read' || step === 'readStart' ? 'EACCES' : undefined)
    await story.tell('restart')
    assert.match(String(story.refused), /history of this home cannot be read: .*ledger\.json.*\.jsonl.*readable/)
    assert.deepEqual(disk.bytesOf(join(storyHome, 'origin')), origin)
    disk.fault = undefined
    await story.tell('restart')
    await story.untilWell()
    await assertWhole(story, disk)
    await story.close()
  })

  it('any mix of faults, that come and go', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(stretch, { minLength: 1, maxLength: 8 }), async (stretches) => {
        await tellWith((step, _path, number) => {
          const isIn = ({ from, length, kind }: (typeof stretches)[number]) =>
            number >= from && number < from + length && kind.steps.includes(step)
          return stretches.find(isIn)?.kind.fault
        })
      }),
      { numRuns: 60 },
    )
  })
})
