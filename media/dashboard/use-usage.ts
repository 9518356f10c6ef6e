/** Usage of a range, asked again soon after every change, never more often than every two seconds. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { UsageReply } from '../../shared/contract/endpoints/core.ts'
import { openPacer, type Pacer } from '../../shared/pacer.ts'
import { realClock } from './clock.ts'
import type { Host } from './host.ts'
import { type Range, ranges } from './ranges.ts'

const gapMs = 2000

/** `range` is the one that `reply` answers: after a new choice it trails behind until the answer is there. */
export type Usage = { range: Range; reply: UsageReply } | { range: Range; failed: string }

/** `stamp` is whatever differs once something has changed. Nothing is asked while nobody can see the page. */
export function useUsage(host: Host, range: Range, stamp: unknown): Usage | undefined {
  const [usage, setUsage] = useState<Usage>()
  const pacer = useRef<Pacer>(null)

  useEffect(() => {
    let open = true
    const work = async () => {
      const query = { from: range, bucket: ranges[range].bucket, group_by: 'model' } as const
      const answer = await host.ask('usage', { query })
      if (!open) return
      // a failing repeat must not blank what stands there; the connection says that it may be old
      setUsage((before) =>
        answer.ok
          ? { range, reply: answer.value }
          : before && 'reply' in before && before.range === range
            ? before
            : { range, failed: answer.error.detail },
      )
    }
    const made = openPacer(gapMs, work, realClock)
    pacer.current = made
    const seen = () => document.hidden || made.ask()
    document.addEventListener('visibilitychange', seen)
    return () => {
      open = false
      made.close()
      document.removeEventListener('visibilitychange', seen)
    }
  }, [host, range])

  useEffect(() => {
    if (!document.hidden) pacer.current?.ask()
  }, [host, range, stamp])

  return usage
}
