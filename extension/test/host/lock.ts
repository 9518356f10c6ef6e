/** One installer at a time: a file whose holder touches it. Only saves work, never guards data, since each install is renamed into place whole. */
import { mkdir, open, rm, stat, utimes } from 'node:fs/promises'
import { dirname } from 'node:path'

const touchMs = 2_000
const staleMs = 30_000

export type LockOptions = { readonly file: string; readonly onWait: () => void; readonly limitMs: number }

/** Does `work` while holding the lock; a holder that stopped touching the file is taken for dead. */
export async function withLock<T>({ file, onWait, limitMs }: LockOptions, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true })
  const end = Date.now() + limitMs
  for (let waits = 0; !(await taken(file)); waits += 1) {
    if (waits === 0) onWait()
    if (Date.now() > end) throw new Error(`${file} is held by another test run; if there is none, delete the file`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  const touch = setInterval(() => {
    // A failed touch only makes a second installer start early.
    utimes(file, new Date(), new Date()).catch(() => undefined)
  }, touchMs)
  touch.unref()
  try {
    return await work()
  } finally {
    clearInterval(touch)
    await rm(file, { force: true })
  }
}

async function taken(file: string): Promise<boolean> {
  try {
    await (await open(file, 'wx')).close()
    return true
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  const touched = await stat(file).catch(() => undefined)
  if (touched && Date.now() - touched.mtimeMs > staleMs) await rm(file, { force: true })
  return false
}
