/** Whose calls a view shows: the sandbox's only while there is no real one, or when they are asked for. */
import { accountKey } from '../accounts.ts'
import type { Ledger } from '../ledger.ts'

export type Kind = 'real' | 'simulated'

export function kindShown(ledger: Ledger, simulated?: 'only'): Kind {
  if (simulated === 'only') return 'simulated'
  return ledger.lifetime.real.attempts === 0 && ledger.lifetime.simulated.attempts > 0 ? 'simulated' : 'real'
}

export function kindOfAccount(ledger: Ledger, provider: string, account: string): Kind {
  return ledger.accounts.get(accountKey(provider, account))?.billing === 'simulated' ? 'simulated' : 'real'
}
