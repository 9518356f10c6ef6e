/** The list of what is not as it should be, for every client to show: one warning a code and subject, logged when raised. */
import type { Log, Warn } from '../shared/contract/log.ts'
import type { Warning, WarningCode } from '../shared/contract/warning.ts'
import { scrub } from '../shared/scrub.ts'

export type Warnings = Warn & {
  /** Oldest first. */
  list(): Warning[]
  /** Told of every change with the whole list. Returns how to stop. */
  watch(fn: (warnings: Warning[]) => void): () => void
}

/** Names come from outside (a model, a file): the list must not grow with them. The oldest give way. */
const mostWarnings = 100

/** `now` in epoch ms. */
export function openWarnings({ log, now }: { log: Log; now: () => number }): Warnings {
  const raised = new Map<string, Warning>()
  const watchers = new Set<(warnings: Warning[]) => void>()
  const keyOf = (code: WarningCode, subject: string) => `${code}\n${subject}`
  const list = () => [...raised.values()]

  function tell(): void {
    const all = list()
    for (const watcher of watchers) watcher(all)
  }

  return {
    raise(code, about, said) {
      // names come from outside: each may be a secret that somebody put in the wrong place
      const [subject, text] = [scrub(about), scrub(said)]
      const before = raised.get(keyOf(code, subject))
      if (before?.text === text) return
      // A new text for what is known already is an update: it keeps its place and its beginning.
      const since = before?.since ?? new Date(now()).toISOString()
      raised.set(keyOf(code, subject), { code, subject, text, since })
      const oldest = raised.keys().next()
      if (raised.size > mostWarnings && !oldest.done) raised.delete(oldest.value)
      if (!before) log.warn(text, { code, subject })
      tell()
    },
    clear(code, about) {
      const subject = scrub(about)
      if (!raised.delete(keyOf(code, subject))) return
      log.info('A warning has passed', { code, subject })
      tell()
    },
    list,
    watch(fn) {
      watchers.add(fn)
      return () => void watchers.delete(fn)
    },
  }
}
