/** A segment on the disk, plain or packed: the one place that knows of the two forms. Everybody else names it by its plain file. */
import { promisify } from 'node:util'
import { constants, gunzip, gzip } from 'node:zlib'
import { type Disk, isMissing, realDisk } from './disk.ts'

const unpacked = promisify(gunzip)
export const pack: (bytes: Buffer) => Promise<Buffer> = promisify(gzip)

/** `path` or a bare file name, of the plain form. */
export const packedName = (plain: string): string => `${plain}.gz`

/**
 * The bytes of the segment whose plain file is `path`. The plain one counts where both are there: the packed one is made first,
 * and only then the plain one goes. Rejects with ENOENT where neither is there, and where the packed one is not whole.
 */
export async function readSegmentBytes(path: string, disk: Disk = realDisk): Promise<Buffer> {
  try {
    return await disk.read(path)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
  return readPacked(packedName(path), disk)
}

/** Rejects where the file is cut off or its check sum does not fit. */
export async function readPacked(path: string, disk: Disk = realDisk): Promise<Buffer> {
  return unpacked(await disk.read(path))
}

/** What the first `length` bytes on the disk say, unpacked. */
export async function readSegmentStart(path: string, length: number, disk: Disk = realDisk): Promise<Buffer> {
  try {
    return await disk.readStart(path, length)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
  const start = await disk.readStart(packedName(path), length)
  // SYNC_FLUSH: the packed bytes end in the midst of it
  return await unpacked(start, { finishFlush: constants.Z_SYNC_FLUSH })
}
