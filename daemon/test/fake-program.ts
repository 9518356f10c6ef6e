/** Puts a small real program into a folder, to stand in PATH for one that this machine may not have. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** `script`: JavaScript, as CommonJS. */
export function fakeProgram(folder: string, name: string, script: string): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, name), `#!${process.execPath}\n${script}\n`, { mode: 0o755 })
  writeFileSync(join(folder, `${name}.cmd`), `@"${process.execPath}" "%~dp0${name}" %*\r\n`)
}

/** A program that prints this, and ends with this code. */
export function printing(text: string, code = 0): string {
  return `process.stdout.write(${JSON.stringify(text)}, () => process.exit(${code}))`
}
