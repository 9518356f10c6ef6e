/** `tollkeeper serve`: the daemon in the foreground; JSON lines to its log file or standard output, and a greeting once it is ready. */
import { openClient } from '../../shared/client.ts'
import { startDaemon } from '../daemon.ts'
import { openLog } from '../log.ts'
import { isOutput, type LogFile, logPathOf, openLogFile } from '../log-file.ts'
import { openRepeats } from '../log-repeats.ts'
import { version } from '../version.ts'
import { greetingOf } from './greeting.ts'
import { localFetch } from './http.ts'
import { type ExitCode, exit, type Io } from './io.ts'
import { otherwiseThan } from './otherwise.ts'

export type ServeOptions = { home: string; port?: number; sandbox: boolean }

const graceSeconds = 30
/** npm passes on the Ctrl-C that the terminal has sent us already: that is one wish, not two. */
const oneSignalMs = 500
const lastMs = 5000

export async function serve(options: ServeOptions, io: Io): Promise<ExitCode> {
  process.title = 'tollkeeper'
  const output = outputOf(options.home, io)
  const repeats = openRepeats(() => performance.now())
  const log = openLog({ ...output, level: 'info', repeats })
  const over = async () => {
    log.close()
    await output.close()
  }
  const started = await startDaemon({ ...options, log, env: io.env }).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error)
    return { kind: 'unusable' as const, why }
  })
  if (started.kind !== 'started') await over()
  if (started.kind === 'unusable') {
    io.err(`Tollkeeper cannot start. ${started.why}\n`)
    return exit.fault
  }
  if (started.kind === 'already-running') {
    io.out(`Tollkeeper is already running on ${started.url}\n`)
    io.out(otherwiseThan(options, started.as, io).text)
    // a second `npm start` found what it wanted; npm would show any other code as a failure
    return io.env.npm_lifecycle_event === 'start' ? exit.fine : exit.alreadyRunning
  }
  const link = isRead(io) ? await linkOf(started) : undefined
  output.write(greetingOf({ version, url: started.url, sandbox: options.sandbox, platform: io.platform, link }))

  let code: ExitCode = exit.fine
  let lastSignal = -Infinity
  const onSignal = () => {
    const at = performance.now()
    // a second call of close cuts what still runs
    if (at - lastSignal > oneSignalMs) void started.close(graceSeconds)
    lastSignal = at
  }
  const onThrown = (error: unknown) => {
    log.error('The daemon must end: something was thrown that nothing caught', {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    })
    code = exit.fault
    void started.close(0)
    // what was thrown may be what closing waits for
    setTimeout(() => process.exit(exit.fault), lastMs).unref()
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, onSignal)
  process.on('uncaughtException', onThrown)
  process.on('unhandledRejection', onThrown)
  await started.stopped
  await over()
  return code
}

/** Where the daemon says what it does: its own file, which it keeps within a bound, or whatever its output is. */
function outputOf(home: string, io: Io): Pick<LogFile, 'write' | 'lost' | 'close'> {
  const path = logPathOf(home)
  if (!isOutput(path)) return { write: gathered(io.out), lost: () => 0, close: async () => {} }
  const file = openLogFile(path)
  process.on('exit', file.closeNow)
  return file
}

/** Lines that are logged together go out together: each write holds up all calls a little. */
function gathered(out: (text: string) => void): (line: string) => void {
  let text = ''
  const flush = () => {
    out(text)
    text = ''
  }
  return (line) => {
    if (text === '') queueMicrotask(flush)
    text += line
  }
}

/** A link belongs on a terminal, not into a log file. */
function isRead(io: Io): boolean {
  return process.stdout.isTTY === true || io.env.npm_lifecycle_event === 'start'
}

async function linkOf({ url, token }: { url: string; token: string }): Promise<string | undefined> {
  const reply = await openClient({ url, token, fetch: localFetch }).ask('dashboardLink', { body: {} })
  // without it the greeting names the command that makes one, and says why it cannot
  return reply.ok ? reply.value.url : undefined
}
