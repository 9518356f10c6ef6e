/** For tests: a disk of 1 MiB that is really full, or really read-only, where this system and user may have one. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'

/** false: this system or user may not have one. */
export function mountSmall(path: string, how: 'rw' | 'ro' = 'rw'): boolean {
  if (process.platform !== 'linux') return false
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=1m,${how}`, 'tmpfs', path], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

export function unmount(path: string): void {
  execFileSync('umount', ['-l', path])
}

/** Writes into `file` until the disk takes no byte more. */
export function fillUp(file: string): void {
  let size = 64 * 1024
  while (size > 0) {
    try {
      writeFileSync(file, Buffer.alloc(size), { flag: 'a' })
    } catch {
      // what is left is smaller
      size >>= 1
    }
  }
}
