/** The short id under which calls of a folder are counted: the same that the editor gives it. */
import { createHash } from 'node:crypto'
import { isAbsolute } from 'node:path'
import { pathToFileURL } from 'node:url'

/** 8 hex digits of the SHA-256 of its URI; null where a log names none. */
export function folderId(path: unknown): string | null {
  // a path of another system means nothing here
  if (typeof path !== 'string' || !isAbsolute(path)) return null
  return createHash('sha256').update(pathToFileURL(path).href).digest('hex').slice(0, 8)
}
