/**
 * The view that a client shows, kept true: folds what the feed says, shows what has ended by the clock alone as ended, and asks for
 * everything anew at that moment, for which limit binds then only the daemon can say.
 */
import type { Clock } from './clock.ts'
import type { FeedMessage } from './contract/feed.ts'
import type { Summary } from './contract/summary.ts'
import { emptyView, foldFeed, type View } from './view.ts'
import { nextEndOf, viewAt } from './view-at.ts'

export type LiveView = {
  /** As it stands at this moment. */
  now(): View
  take(message: FeedMessage): void
  close(): void
}

/** Days end without a message. Long enough to be no load with nine windows open, short enough for "today" to end soon after midnight. */
const silentMs = 5 * 60_000
/** A machine that sleeps stops timers too; and so soon is asked again what was not answered. */
const lookMs = 30_000

type Options = {
  clock: Clock
  /** Epoch ms. */
  wallNow(): number
  /** undefined: there was no answer, or there is nobody to ask. */
  ask(): Promise<Summary | undefined>
  /** Something ended, or was asked anew: what is shown may be another. What `take` changes is its caller's to tell. */
  changed(): void
}

export function openLiveView({ clock, wallNow, ask, changed }: Options): LiveView {
  let view: View = emptyView
  let heardAt = wallNow()
  /** What ended until then has been looked at. */
  let lookedAt = heardAt
  let unanswered = false
  let asking = false
  let closed = false
  let stopTimer: (() => void) | undefined

  const fold = (message: FeedMessage) => {
    view = foldFeed(view, message)
    heardAt = wallNow()
  }
  const dueAt = () => Math.min(heardAt + silentMs, nextEndOf(view, lookedAt) ?? Number.POSITIVE_INFINITY)
  const wait = () => {
    stopTimer?.()
    stopTimer = undefined
    // before the first summary there is nothing that could end
    if (closed || asking || view.standing === null) return
    const left = unanswered ? lookMs : dueAt() - wallNow()
    stopTimer = clock.setTimer(() => void look(), Math.min(Math.max(left, 0), lookMs))
  }
  const look = async () => {
    const at = wallNow()
    if (!unanswered && at < dueAt()) return wait()
    const { seq } = view
    asking = true
    const summary = await ask()
    asking = false
    if (closed) return
    lookedAt = at
    // a message that came meanwhile is newer
    const isNewest = summary !== undefined && view.seq === seq && view.daemon?.instanceId === summary.instance_id
    if (isNewest) fold({ type: 'summary', seq, summary })
    unanswered = !isNewest
    changed()
    wait()
  }

  return {
    now: () => viewAt(view, wallNow()),
    take(message) {
      fold(message)
      if (message.type === 'summary') {
        lookedAt = heardAt
        unanswered = false
      }
      wait()
    },
    close() {
      closed = true
      stopTimer?.()
    },
  }
}
