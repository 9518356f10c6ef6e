/** A file that takes its name only once it is whole: until then it is written beside. */
import { open } from 'node:fs/promises'
import { Writable } from 'node:stream'
import { realDisk } from '../store/disk.ts'

export type NewFile = {
  stream: Writable
  /** Puts it in the place of what has its name, once the stream has ended. */
  keep(): Promise<void>
  /** Takes away what was not kept. */
  end(): Promise<void>
}

/** Rejects where it cannot be made. Only its owner may read it. */
export async function openNewFile(path: string): Promise<NewFile> {
  const beside = `${path}.${process.pid}.part`
  const handle = await open(beside, 'w', 0o600)
  let isOpen = true
  async function close(): Promise<void> {
    if (isOpen) await handle.close()
    isOpen = false
  }
  return {
    stream: new Writable({
      write: (chunk: Buffer, _, done) => void handle.appendFile(chunk).then(() => done(), done),
    }),
    async keep() {
      await handle.sync()
      await close()
      await realDisk.rename(beside, path)
    },
    async end() {
      await close()
      await realDisk.remove(beside)
    },
  }
}
