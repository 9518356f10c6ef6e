/** `known-calls/` in the home: the marks of all calls that were ever recorded, also of those whose segments are gone, so that no import counts one twice. */
import { join } from 'node:path'
import { marksOfEnded } from './call-marks.ts'
import { type Disk, isMissing, realDisk } from './disk.ts'
import { replaceFile } from './durable-file.ts'
import { listSegments, replay } from './history.ts'
import type { SegmentName } from './segment.ts'
import { journalFolder } from './snapshot.ts'

/** `covered`: a segment up to this number that cannot be read is left out; it may stay so for ever. Any other one fails. */
export type GatherOrder = { home: string; origin: string; upTo: number; covered?: number }
export type Gathered = { kind: 'gathered'; marks: Float64Array<ArrayBuffer> } | { kind: 'refused'; why: string }

/** `<number, 12 digits>.marks`: those of the history up to that number that no earlier file has, each a little-endian double. */
export const marksFile = /^(\d{12,15})\.marks$/
const head = Buffer.from('TOLLMK1\n', 'latin1')
const markBytes = 8
/** Files that stand side by side; then they become one. */
const mostFiles = 32

export const knownCalls = 'known-calls'
const folderOf = (home: string): string => join(home, knownCalls)

/** Adds what the journal holds after the number that is reached, up to `upTo`. One at a time. */
export async function keepMarks(order: GatherOrder, disk: Disk = realDisk): Promise<void> {
  const files = await filesIn(order.home, disk)
  const after = files.at(-1)?.reach ?? 0
  if (after < order.upTo) await addMarks(order, after, disk)
  if (files.length >= mostFiles) await joinFiles(order.home, disk)
}

/** Everything that is known, ascending. */
export async function gatherMarks(order: GatherOrder, disk: Disk = realDisk): Promise<Gathered> {
  await keepMarks(order, disk)
  const read = await readMarks(order.home, disk)
  if (read.isWhole) return { kind: 'gathered', marks: read.marks }
  // what a file that cannot be read held is read from the journal once more, as far as it goes back
  await addMarks(order, 0, disk)
  return { kind: 'gathered', marks: (await readMarks(order.home, disk)).marks }
}

async function addMarks({ home, origin, upTo, covered = 0 }: GatherOrder, after: number, disk: Disk): Promise<void> {
  const folder = journalFolder(home)
  const marks: number[] = []
  const segments = notBefore(await listSegments(folder, disk), after)
  const { last, problems } = await replay(
    { folder, segments, origin, after, upTo, known: new Map(), disk },
    ({ e, t }) => {
      if (e.type === 'attempt.ended') marks.push(...marksOfEnded(e, t))
    },
  )
  const needed = new Set(notBefore(segments, covered).map(({ file }) => join(folder, file)))
  const unread = problems.find(({ kind, file }) => kind === 'unreadable' && needed.has(file))
  // nobody would ever read again what it holds
  if (unread) throw new Error(unread.text)
  if (last > after) await writeMarks(home, Math.min(last, upTo), Float64Array.from(marks), disk)
}

async function writeMarks(home: string, reach: number, marks: Float64Array, disk: Disk): Promise<void> {
  const bytes = Buffer.alloc(head.length + marks.length * markBytes)
  head.copy(bytes)
  for (const [at, mark] of marks.entries()) bytes.writeDoubleLE(mark, head.length + at * markBytes)
  await disk.makeFolder(folderOf(home))
  await replaceFile(join(folderOf(home), `${String(reach).padStart(12, '0')}.marks`), bytes, disk)
}

/** The last one, which reaches furthest, takes in all the others; a crash before they are gone leaves marks twice, which is well. */
async function joinFiles(home: string, disk: Disk): Promise<void> {
  const files = await filesIn(home, disk)
  const last = files.pop()
  const { marks, isWhole } = await readMarks(home, disk)
  if (!last || !isWhole) return
  await writeMarks(home, last.reach, marks, disk)
  for (const { path } of files) await disk.remove(path)
}

/** Ascending, each once. A file that is none of ours or cut off is taken away. */
async function readMarks(home: string, disk: Disk): Promise<{ marks: Float64Array<ArrayBuffer>; isWhole: boolean }> {
  const runs: Buffer[] = []
  let isWhole = true
  for (const { path } of await filesIn(home, disk)) {
    const bytes = await disk.read(path)
    const isOurs = bytes.subarray(0, head.length).equals(head) && (bytes.length - head.length) % markBytes === 0
    if (isOurs) runs.push(bytes.subarray(head.length))
    else await disk.remove(path)
    isWhole &&= isOurs
  }
  const marks = new Float64Array(runs.reduce((sum, run) => sum + run.length, 0) / markBytes)
  let at = 0
  for (const run of runs) for (let from = 0; from < run.length; from += markBytes) marks[at++] = run.readDoubleLE(from)
  return { marks: onceEach(marks.sort()), isWhole }
}

function onceEach(sorted: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  let kept = 0
  for (const mark of sorted) if (kept === 0 || sorted[kept - 1] !== mark) sorted[kept++] = mark
  return sorted.slice(0, kept)
}

/** In the order of their numbers. */
async function filesIn(home: string, disk: Disk): Promise<{ path: string; reach: number }[]> {
  const names = await disk.list(folderOf(home)).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
  return names
    .flatMap((name) => {
      const reach = marksFile.exec(name)?.[1]
      return reach === undefined ? [] : { path: join(folderOf(home), name), reach: Number(reach) }
    })
    .sort((a, b) => a.reach - b.reach)
}

/** Without those that end before, as the next one begins at or before the number that is wanted. */
function notBefore(segments: readonly SegmentName[], after: number): SegmentName[] {
  return segments.filter((_, at) => (segments[at + 1]?.first ?? Infinity) > after + 1)
}
