/** Makes the file of a closed month anew from the segments, where it is missing or damaged and they still hold the month. */
import { emptyLedger, fold } from '../ledger/ledger.ts'
import { type Months, writeMonth } from '../ledger/months.ts'
import { type Disk, realDisk } from './disk.ts'
import { listSegments, replay } from './history.ts'
import { isReadable, rollupFile, sumOf, writeRollup } from './rollups.ts'
import { journalFolder } from './snapshot.ts'

/**
 * What comes out counts only if it is what was written once: its check sum says so, whichever segments are gone by now. Answers
 * the files that stay unreadable, each with why.
 */
export async function mendRollups(options: {
  home: string
  timeZone: string
  origin: string
  months: Months
  disk?: Disk
}): Promise<string[]> {
  const { home, timeZone, origin, months, disk = realDisk } = options
  const folder = journalFolder(home)
  const failed: string[] = []
  for (const [month, closed] of months) {
    if (await isReadable(home, month, closed, disk)) continue
    const ledger = emptyLedger(timeZone)
    const segments = await listSegments(folder, disk)
    await replay({ folder, segments, origin, after: 0, upTo: closed.n, known: new Map(), disk }, (entry) =>
      fold(ledger, entry),
    )
    // a former version wrote no times
    const rows = [writeMonth(ledger, month), writeMonth(ledger, month, 'untimed')].find(
      (one) => sumOf(one) === closed.c,
    )
    const path = rollupFile(home, month)
    if (!rows) failed.push(`${path}: it is missing or damaged, and the journal holds less of that month`)
    else {
      await writeRollup(home, { origin, month, timeZone, n: closed.n, rows }, disk).catch((error: unknown) => {
        failed.push(`${path}: ${error instanceof Error ? error.message : String(error)}`)
      })
    }
  }
  return failed
}
