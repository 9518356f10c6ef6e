/** Runs a small program of the system's and gives what it wrote; of `env` it gets what such programs need, and `more` beside. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { toolEnvironment } from '../../machine/tool-environment.ts'

const run = promisify(execFile)
const timeoutMs = 5000

/** null: there is none of that name, it failed, or it took too long: then what it would have told is not known. */
export async function runQuick(
  program: string,
  args: readonly string[],
  how: { env: NodeJS.ProcessEnv; more?: Record<string, string>; encoding?: BufferEncoding },
): Promise<string | null> {
  const options = {
    timeout: timeoutMs,
    windowsHide: true,
    encoding: how.encoding ?? ('utf8' as const),
    env: { ...toolEnvironment(how.env), ...how.more },
  }
  return run(program, [...args], options).then(
    ({ stdout }) => stdout,
    () => null,
  )
}
