/** The power goes after any step on the disk: whatever became of what was not synced, the home opens, and what a sync had covered is there. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { dirname } from 'node:path'
import { emptyLedger } from '../ledger/ledger.ts'
import { type Contents, type File, type MemoryDisk, openMemoryDisk } from './test-memory-disk.ts'
import { openStory, openStoryDisk, phases, recoverFrom, type Story, textOf, wholeTextOf } from './test-story.ts'

/** What became of names and bytes that no sync had covered. */
type PowerLoss = { names: 'kept' | 'lost'; bytes: 'kept' | 'lost' | 'half' | 'nul' | 'newest' }

const losses: PowerLoss[] = (['kept', 'lost'] as const).flatMap((names) =>
  (['kept', 'lost', 'half', 'nul', 'newest'] as const).map((bytes) => ({ names, bytes })),
)

type Moment = { step: string; contents: Contents; promised: number }

/** All states of the disk that the story went through. */
async function tellAll(disk: MemoryDisk, story: Story): Promise<Moment[]> {
  const moments: Moment[] = []
  disk.after = () => {
    const last = disk.steps.at(-1)
    const step = `${disk.steps.length}, ${last?.step} of ${last?.path}`
    moments.push({ step, contents: disk.contents(), promised: story.promised })
  }
  for (const phase of phases) await story.tell(phase)
  disk.after = undefined
  return moments
}

function hashOf(contents: Contents): string {
  const hash = createHash('sha256')
  for (const [path, { bytes }] of [...contents.files].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${path} `).update(bytes)
  return hash.digest('hex')
}

/** What a disk holds when the power is back. */
function afterPowerLoss(before: Contents, { names, bytes }: PowerLoss): Contents {
  const folders = names === 'kept' ? before.folders : before.syncedFolders
  const present = [...(names === 'kept' ? before.files : before.syncedFiles)].filter(([path]) =>
    folders.has(dirname(path)),
  )
  const newest = Math.max(...present.map(([, file]) => file.made))
  const left = new Map<File, File>()
  const leftOf = (file: File): File => {
    const found = left.get(file)
    if (found) return found
    const kept = bytes === 'newest' ? (file.made === newest ? 'kept' : 'lost') : bytes
    const all = bytesLeft(file, kept)
    const made = { bytes: all, synced: all, made: file.made }
    left.set(file, made)
    return made
  }
  const files = new Map(present.map(([path, file]) => [path, leftOf(file)]))
  return { files, syncedFiles: files, folders, syncedFolders: folders }
}

function bytesLeft({ bytes, synced }: File, kept: 'kept' | 'lost' | 'half' | 'nul'): Buffer {
  const unsynced = bytes.subarray(Math.min(synced.length, bytes.length))
  switch (kept) {
    case 'kept':
      return bytes
    case 'lost':
      return synced
    case 'half':
      return Buffer.concat([synced, unsynced.subarray(0, unsynced.length >> 1)])
    case 'nul':
      return Buffer.concat([synced, Buffer.alloc(unsynced.length)])
  }
}

/** The first number that a start reports as missing. */
function firstMissing(texts: Iterable<string>): number {
  return Math.min(...[...texts].flatMap((text) => [...text.matchAll(/Entr(?:y|ies) (\d+)/g)].map(([, n]) => Number(n))))
}

async function assertNothingPromisedLost(contents: Contents, promised: number, story: Story): Promise<void> {
  const disk = openMemoryDisk(contents)
  const found = await recoverFrom(disk)
  assert.ok(found.last >= promised, `${found.last} of ${promised} that were synced`)
  const hasGap = found.warn.raised.includes('journal-gap')
  if (hasGap) assert.ok(firstMissing(found.warn.standing.values()) > promised, [...found.warn.standing.values()].join())
  else assert.equal(await wholeTextOf(found.ledger, disk), story.at.get(found.last) ?? textOf(emptyLedger('UTC')))
  assert.deepEqual(
    found.warn.raised.filter((code) => code !== 'journal-torn' && code !== 'journal-gap'),
    [],
  )
  // and it goes on from there
  const next = openStory(disk)
  await next.tell('restart')
  assert.equal(next.refused, null)
  const again = await recoverFrom(disk)
  assert.equal(await wholeTextOf(again.ledger, disk), await wholeTextOf(next.ledger(), disk))
  await next.close()
}

describe('a power cut', function () {
  this.timeout(120_000)
  let story: Story
  let moments: Moment[] = []
  // most losses leave the same in most moments
  const seen = new Set<string>()
  before(async () => {
    const disk = openStoryDisk()
    story = openStory(disk, { keepsTexts: true })
    moments = await tellAll(disk, story)
    await story.close()
  })

  for (const loss of losses) {
    it(`after any step, names ${loss.names} and bytes ${loss.bytes} where no sync covered them`, async () => {
      assert.ok(moments.length > 200, `${moments.length} steps only: nothing was tested`)
      for (const { step, contents, promised } of moments) {
        const left = afterPowerLoss(contents, loss)
        const key = `${promised} ${hashOf(left)}`
        if (seen.has(key)) continue
        seen.add(key)
        try {
          await assertNothingPromisedLost(left, promised, story)
        } catch (error) {
          throw new Error(`the power went after step ${step}`, { cause: error })
        }
      }
    })
  }
})
