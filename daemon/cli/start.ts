/** `tollkeeper start`: the daemon in the background. */
import { type ExitCode, exit, type Io } from './io.ts'
import { launch } from './launch.ts'
import { otherwiseThan } from './otherwise.ts'
import { answer, refuse } from './say.ts'

export type StartOptions = { home: string; port?: number; sandbox: boolean }

const waitMs = 10_000

export async function start(options: StartOptions, io: Io): Promise<ExitCode> {
  const { home, port, sandbox } = options
  const args = [...(port === undefined ? [] : ['--port', String(port)]), ...(sandbox ? ['--sandbox'] : [])]
  const launched = await launch({ home, args, waitMs }, io)
  if ('failed' in launched) {
    return refuse(io, exit.fault, `Tollkeeper did not start: ${launched.failed}.`)
  }
  const { url, already, as } = launched
  // not only where it ran before: somebody else's start may have been faster than this one
  const { differs, text } = otherwiseThan(options, as, io)
  return answer(
    io,
    { url, already_running: already, differs },
    `Tollkeeper ${already ? 'is already running' : 'listens'} on ${url}\n${text}`,
  )
}
