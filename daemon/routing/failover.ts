/** Whether a call that was refused may be sent to the next target of its chain. */
import type { RefusalKind } from '../../shared/contract/refusal.ts'

/**
 * `own`: the caller's own account refused, and what comes next is paid by keys that the daemon lends. That is for work beyond a
 * limit alone: whatever else is wrong there, its owner has to be told.
 */
export function mayFailOver(kind: RefusalKind, target: 'own' | 'lent'): boolean {
  switch (kind) {
    case 'rate':
    case 'plan':
      return true
    case 'money':
    case 'overload':
    case 'credential':
    case 'model':
    case 'unreachable':
    case 'broken':
      return target === 'lent'
    // the next one would say the same of it
    case 'request':
      return false
  }
}
