/** What an assistant's user has written into its own files; read so that we never stand over it, and never written. */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parse } from 'jsonc-parser'
import type { Around } from './assistant.ts'

/** '' where it is not there or cannot be read: that is for the assistant to complain about. */
export async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return ''
  }
}

/** An object of JSON with or without comments; an empty one where there is none. */
export async function objectIn(path: string): Promise<Record<string, unknown>> {
  return objectOr(parse(await textOf(path)))
}

export function objectOr(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

/** A folder and all above it. */
export function upwards(folder: string): string[] {
  const above = dirname(folder)
  return above === folder ? [folder] : [folder, ...upwards(above)]
}

/** The one `.env` that Gemini CLI, and Qwen Code after it, load: the nearest above, else the one at home. */
export async function dotenvOf(folder: string, { cwd, userHome }: Around): Promise<string> {
  for (const place of [...upwards(cwd), userHome]) {
    for (const path of [join(place, folder, '.env'), join(place, '.env')]) {
      const text = await textOf(path)
      if (text !== '') return text
    }
  }
  return ''
}

/** The value that a `.env` gives a variable; undefined for none and for an empty one. */
export function valueIn(dotenv: string, name: string): string | undefined {
  const found = new RegExp(`^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=[ \\t]*["']?([^"'\\s]+)`, 'm').exec(dotenv)
  return found?.[1]
}
