/** What is kept of what happens: all of it, or where the user has switched recording off, only what providers say is left. */
import { type Event, isKeptWhole } from '../shared/contract/event.ts'
import { cooldownsAfter } from './ledger/views/cooling-ends.ts'
import type { Book } from './store/book.ts'

/** `sentAt`: when the call began that a quota.read came with, epoch ms. */
export type Recorder = (event: Event, sentAt?: number) => void

/** Records what the proxy tells, and behind it the end of each cooldown that it proves over. */
export function openRecorder({
  book,
  isRecording,
  now,
}: {
  book: Pick<Book, 'ledger' | 'record'>
  isRecording(): boolean
  now(): number
}): Recorder {
  return (event, sentAt) => {
    const ends = cooldownsAfter(book.ledger, event, now(), sentAt)
    if (isKept(event, isRecording(), (attempt) => book.ledger.open.has(attempt))) book.record(event)
    for (const end of ends) book.record(end)
  }
}

/** `isOpen`: the attempt's start was recorded, so its end is too, or it would look as if it never came. */
export function isKept(e: Event, recording: boolean, isOpen: (attempt: string) => boolean): boolean {
  if (recording || e.type === 'quota.read' || isKeptWhole(e)) return true
  return e.type === 'attempt.ended' && isOpen(e.attempt)
}

export const recordingOffText =
  'Recording is off ("usage-statistics-enabled": false in config.jsonc): calls go through, limits are read, and no call is counted.'
