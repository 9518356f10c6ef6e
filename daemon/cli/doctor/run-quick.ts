/** Runs a small program of the system's and gives what it wrote. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
const timeoutMs = 5000

/** null: there is none of that name, it failed, or it took too long: then what it would have told is not known. */
export async function runQuick(
  program: string,
  args: readonly string[],
  how: { env?: NodeJS.ProcessEnv; encoding?: BufferEncoding } = {},
): Promise<string | null> {
  const options = {
    timeout: timeoutMs,
    windowsHide: true,
    encoding: how.encoding ?? ('utf8' as const),
    ...(how.env && { env: how.env }),
  }
  return run(program, [...args], options).then(
    ({ stdout }) => stdout,
    () => null,
  )
}
