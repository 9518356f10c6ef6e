/** For the tests of this folder: a disk that does as it is told. What it lets through lands on the real one. */
import { type Disk, realDisk } from './disk.ts'

export type TestDisk = Disk & {
  /** Bytes that still fit; past them a write is short, then fails as a full disk does. */
  room: number
  /** The code that every write or creation fails with. */
  broken: string | null
  /** Cutting a file back fails. */
  cannotCut: boolean
  /** The code that fsync fails with. */
  syncFails: string | null
  /** How long each synchronous write holds the thread. */
  slowMs: number
  /** Synchronous writes so far. */
  writes: number
  syncs: number
  mostSyncsAtOnce: number
}

const failure = (code: string) => Object.assign(new Error(`${code}: as the test wants it`), { code })

export function openTestDisk(): TestDisk {
  let syncing = 0
  const disk: TestDisk = {
    ...realDisk,
    room: Infinity,
    broken: null,
    cannotCut: false,
    syncFails: null,
    slowMs: 0,
    writes: 0,
    syncs: 0,
    mostSyncsAtOnce: 0,
    createNow(path) {
      if (disk.broken) throw failure(disk.broken)
      return realDisk.createNow(path)
    },
    writeNow: (fd, bytes) => {
      disk.writes++
      if (disk.slowMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, disk.slowMs)
      return realDisk.writeNow(fd, fitting(bytes))
    },
    write: async (fd, bytes) => realDisk.write(fd, fitting(bytes)),
    cut(fd, length) {
      if (disk.cannotCut) throw failure('EIO')
      realDisk.cut(fd, length)
    },
    async sync(fd) {
      disk.syncs++
      syncing++
      disk.mostSyncsAtOnce = Math.max(disk.mostSyncsAtOnce, syncing)
      try {
        if (disk.syncFails) throw failure(disk.syncFails)
        await realDisk.sync(fd)
      } finally {
        syncing--
      }
    },
  }

  function fitting(bytes: Uint8Array): Uint8Array {
    if (disk.broken) throw failure(disk.broken)
    if (disk.room <= 0) throw failure('ENOSPC')
    const part = bytes.subarray(0, disk.room)
    disk.room -= part.length
    return part
  }
  return disk
}
