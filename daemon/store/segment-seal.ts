/** Packs segments that nothing is written to any more. A crash at any point leaves one whole form of each. */
import { dirname, join } from 'node:path'
import { type Disk, isMissing, realDisk } from './disk.ts'
import { removeLeft, writeNew } from './durable-file.ts'
import type { SegmentIndex } from './segment.ts'
import { pack, packedName, readPacked } from './segment-file.ts'

/** Plain bytes that one run packs: a home with a long history is packed over several. */
const runBytes = 64 * 2 ** 20

/** The plain file and the bytes that its packed form takes. */
export type Packed = { file: string; bytes: number }

/**
 * Packs those that `covered`, the number of the snapshot before the newest, reaches: a start after a crash reads none of them.
 * Notes it in the indexes. What could not be packed stays plain and is told in `failed`.
 */
export async function sealSegments(
  folder: string,
  segments: readonly SegmentIndex[],
  covered: number,
  disk: Disk = realDisk,
): Promise<{ packed: Packed[]; failed: string[] }> {
  const packed: Packed[] = []
  const failed: string[] = []
  let room = runBytes
  for (const index of segments) {
    if (index.packed !== undefined || index.last > covered || index.lines === 0 || room <= 0) continue
    room -= index.bytes
    try {
      const bytes = await packOne(join(folder, index.file), disk)
      if (bytes === undefined) continue
      index.packed = bytes
      packed.push({ file: index.file, bytes })
    } catch (error) {
      failed.push(`${join(folder, index.file)}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return { packed, failed }
}

/** Answers the size of the packed form; undefined where the plain one has grown or neither is there. */
async function packOne(path: string, disk: Disk): Promise<number | undefined> {
  const plain = await ifThere(disk.read(path))
  // packed by a run that ended before its snapshot said so
  if (!plain) return (await ifThere(disk.read(packedName(path))))?.length
  const bytes = await pack(plain)
  // The same name each time: what a crash left is written over.
  const temporary = `${packedName(path)}.tmp`
  await disk.remove(temporary)
  await writeNew(temporary, bytes, disk)
  try {
    if (!(await readPacked(temporary, disk)).equals(plain))
      throw new Error('what was packed does not read back the same')
    // Whoever lost the home may still write to a segment of its own.
    if ((await disk.readStart(path, plain.length + 1)).length !== plain.length) return undefined
    await disk.rename(temporary, packedName(path))
  } finally {
    await removeLeft(temporary, disk)
  }
  await disk.syncFolder(dirname(path))
  await disk.remove(path)
  return bytes.length
}

async function ifThere(read: Promise<Buffer>): Promise<Buffer | undefined> {
  return read.catch((error: unknown) => {
    if (isMissing(error)) return undefined
    throw error
  })
}
