/** How commands say what came of it: to people in words; with `--json` as one JSON value, or one JSON object that says why there is none. */
import { scrub } from '../../shared/scrub.ts'
import { type ExitCode, exit, type Io } from './io.ts'

type Saying = Pick<Io, 'out' | 'err' | 'json'>
type Failure = 1 | 2
/** As the API says it: a title, and a sentence that names what is wrong and what to do. */
export type Reason = { error: string; detail: string }

const titles: Record<Failure, string> = { 1: 'Failed', 2: 'Bad Usage' }

/** What was asked for, to standard output. A key that stands in it came there by mistake, as a name or in an address. */
export function answer(io: Saying, value: unknown, text: string): ExitCode {
  return handOver({ ...io, out: (said) => io.out(scrub(said)) }, value, text)
}

/** The same where it may be a secret that was asked for: a new key, or settings as a shell takes them. */
export function handOver(io: Saying, value: unknown, text: string): ExitCode {
  io.out(io.json ? `${JSON.stringify(value, null, 2)}\n` : ended(text))
  return exit.fine
}

/** Beside an answer, for people: of what a program needs the value tells. */
export function note(io: Saying, text: string): void {
  if (!io.json) io.err(ended(text))
}

/** Why there is no answer, in a sentence of the command's own. */
export function refuse(io: Saying, code: Failure, detail: string, error = titles[code]): Failure {
  io.err(io.json ? reasonJson({ error, detail }) : ended(detail))
  return code
}

/** The same where the daemon said why. */
export function refuseAs(io: Saying, code: Failure, { error, detail }: Reason): Failure {
  io.err(io.json ? reasonJson({ error, detail }) : ended(`${error}: ${detail}`))
  return code
}

function reasonJson({ error, detail }: Reason): string {
  return `${JSON.stringify({ error, detail: detail.trim() })}\n`
}

function ended(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}
