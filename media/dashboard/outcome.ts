/** How a call ended, in words with an icon and a tone: never by colour alone. */
import type { RequestRow } from '../../shared/contract/rows.ts'
import type { IconName } from './parts.tsx'

export type Ending = { words: string; icon: IconName; tone: 'fine' | 'near' | 'bad' }

export function outcomeOf(call: Pick<RequestRow, 'outcome' | 'http_status'>): Ending {
  const status = call.http_status === null ? '' : ` ${call.http_status}`
  switch (call.outcome) {
    case 'ok':
      return { words: 'ok', icon: 'check', tone: 'fine' }
    case 'refused':
      return { words: `refused${status}`, icon: 'cross', tone: 'bad' }
    case 'failed':
      return { words: 'no answer', icon: 'cross', tone: 'bad' }
    case 'truncated':
      return { words: 'broke off', icon: 'cut', tone: 'bad' }
    case 'aborted':
      return { words: 'client left', icon: 'cut', tone: 'near' }
    case 'interrupted':
      return { words: 'daemon stopped', icon: 'cut', tone: 'near' }
  }
}
