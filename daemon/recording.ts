/** What is kept of what happens: all of it, or where the user has switched recording off, only what providers say is left. */
import { type Event, isKeptWhole } from '../shared/contract/event.ts'
import { cooldownsAfter } from './ledger/views/cooling-ends.ts'
import { limitsAfter } from './ledger/views/limit-ends.ts'
import type { Book } from './store/book.ts'

/** `sentAt`: when the call began that a quota.read came with, epoch ms. */
export type Recorder = (event: Event, sentAt?: number) => void

/** Records what the proxy tells, and behind it the end of each cooldown, and the room of each limit, that it proves. */
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
    const at = now()
    const limits = limitsAfter(book.ledger, event, at)
    const cooldowns = cooldownsAfter(book.ledger, event, at, sentAt)
    if (isKept(event, isRecording(), (attempt) => book.ledger.open.has(attempt))) book.record(event)
    for (const reading of limits) book.record(reading)
    for (const end of cooldowns) book.record(end)
  }
}

/**
 * Resolves once what was recorded so far is written. With others' calls under way their lines go along at the turn's end; where none is,
 * there is nothing to wait for, and the last bytes of the reply are sent that much earlier.
 */
export function openWritten({
  book,
  underWay,
}: {
  book: Pick<Book, 'settle' | 'written'>
  /** Calls whose end is not recorded yet. */
  underWay(): number
}): () => Promise<void> {
  return () => {
    if (underWay() === 0) book.settle()
    return book.written()
  }
}

/** `isOpen`: the attempt's start was recorded, so its end is too, or it would look as if it never came. */
export function isKept(e: Event, recording: boolean, isOpen: (attempt: string) => boolean): boolean {
  if (recording || e.type === 'quota.read' || isKeptWhole(e)) return true
  return e.type === 'attempt.ended' && isOpen(e.attempt)
}

export const recordingOffText =
  'Recording is off ("usage-statistics-enabled": false in config.jsonc): calls go through, limits are read, and no call is counted.'
