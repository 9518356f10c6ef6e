/** Whether a home holds anything that was counted. */
import { realDisk } from './disk.ts'
import { listSegments } from './history.ts'
import { journalFolder } from './snapshot.ts'

export async function holdsHistory(home: string): Promise<boolean> {
  const files = await realDisk.list(home).catch(() => []) // what is not there, or cannot be looked into, holds none for us
  return (
    files.some((file) => /^ledger\.json(\.prev)?$/.test(file)) || (await listSegments(journalFolder(home))).length > 0
  )
}
