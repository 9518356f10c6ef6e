/** Takes a home only where this version knows how its history is written: what a newer one wrote is left as it is. */
import { join } from 'node:path'
import { isMissing, realDisk } from './disk.ts'
import { listSegments } from './history.ts'
import { type TakenHome, takeHome } from './home-lock.ts'
import { rollupFolder, rollupFormat } from './rollups.ts'
import { segmentFormat } from './segment.ts'
import { readSegmentStart } from './segment-file.ts'
import { journalFolder, snapshotFile, snapshotFormat } from './snapshot.ts'

/** As `takeHome`, which comes first: whether another daemon has the home is the better answer. */
export async function takeKnownHome(home: string): Promise<TakenHome> {
  const taken = await takeHome(home)
  if (taken.kind !== 'taken') return taken
  const why = await newerIn(home).catch((error: unknown) => `${home} cannot be read (${String(error)}).`)
  if (why === null) return taken
  await taken.release()
  return { kind: 'unusable', why }
}

async function newerIn(home: string): Promise<string | null> {
  for (const { path, known } of await filesOf(home)) {
    const format = await formatOf(path)
    if (format === undefined || format <= known) continue
    return `${path} was written by a newer version of Tollkeeper: it has format ${format}, and this version knows formats up to ${known}. Update Tollkeeper, or give it another home with --home. Nothing in there was changed.`
  }
  return null
}

/** One that is damaged is no newer one: whoever reads it says what is wrong. */
async function formatOf(path: string): Promise<number | undefined> {
  let start: Buffer
  try {
    start = await readSegmentStart(path, 80)
  } catch {
    return undefined
  }
  const [, format] = /^\{(?:"c":"[0-9a-f]{8}",)?"format":(\d{1,9})[,}]/.exec(start.toString('latin1')) ?? []
  return format === undefined ? undefined : Number(format)
}

/** Of the segments the newest do: once a newer version wrote one, no older version wrote another. */
async function filesOf(home: string): Promise<{ path: string; known: number }[]> {
  const snapshot = snapshotFile(home)
  const folder = journalFolder(home)
  const segments = (await listSegments(folder)).sort((a, b) => b.epoch - a.epoch || b.first - a.first).slice(0, 3)
  const months = (await filesIn(rollupFolder(home))).filter((file) => /^\d{4}-\d\d\.json$/.test(file))
  return [
    ...[snapshot, `${snapshot}.prev`].map((path) => ({ path, known: snapshotFormat })),
    ...segments.map(({ file }) => ({ path: join(folder, file), known: segmentFormat })),
    ...months.map((file) => ({ path: join(rollupFolder(home), file), known: rollupFormat })),
  ]
}

async function filesIn(folder: string): Promise<string[]> {
  return realDisk.list(folder).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
}
