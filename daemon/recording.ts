/** What is kept of what happens: all of it, or where the user has switched recording off, only what providers say is left. */
import type { Event } from '../shared/contract/event.ts'

/** `isOpen`: the attempt's start was recorded, so its end is too, or it would look as if it never came. */
export function isKept(e: Event, recording: boolean, isOpen: (attempt: string) => boolean): boolean {
  if (recording || e.type === 'quota.read' || e.type === 'cooldown.set' || e.type === 'cooldown.lifted') return true
  return e.type === 'attempt.ended' && isOpen(e.attempt)
}

export const recordingOffText =
  'Recording is off ("usage-statistics-enabled": false in config.jsonc): calls go through, limits are read, and no call is counted.'
