/** Counts an answer that was worked on in the background: once, when somebody asks for it and is told what it used. */
import type { Attempt, AttemptDeps } from './attempt.ts'
import type { Call, Target } from './call.ts'
import type { Begun } from './kept-answers.ts'

/** Asking before it is done writes nothing down. `start` is called with the call as it is counted. */
export function attemptOfBegun(
  begun: Begun,
  call: Call,
  target: Target,
  deps: Pick<AttemptDeps, 'clock' | 'accounts'>,
  start: (counted: Call) => Attempt,
): Attempt {
  let takeHead: (attempt: Attempt) => void = () => {}
  let account = deps.accounts.accountOf(call, target)

  return {
    head: (header, quota) => {
      account = deps.accounts.accountOf(call, target, header)
      takeHead = (attempt) => attempt.head(header, quota)
    },
    sent: () => {},
    bytes: () => {},
    upstreamOver: () => {},
    account: () => account,
    // a limit counts what a call of its own minute used
    tokens: () => null,
    end: (ending) => {
      const { reading } = ending
      if (!reading?.usage || reading.underWay || !begun.take()) return null
      const { model, attribution } = begun
      const endpoint = { ...call.endpoint, counts: 'tokens' as const }
      // none of the time that the provider took is ours
      const attempt = start({ ...call, endpoint, model, attribution, readMs: deps.clock() })
      takeHead(attempt)
      return attempt.end(ending)
    },
  }
}
