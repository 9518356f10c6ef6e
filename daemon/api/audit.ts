/** Keeps in the history who changed something over the API: once for all rows that only an admin may ask to change something. */
import type { Endpoint } from '../../shared/contract/endpoint.ts'
import type { AdminChanged } from '../../shared/contract/event-money.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Answer, ApiDeps } from './handlers.ts'
import type { Principal } from './principal.ts'

/** After this long a further request of a row that comes in batches is a change of its own. */
const batchMs = 15 * 60_000

/** `params` as the path had them. */
export function recordChange(
  row: Endpoint,
  params: Record<string, string | string[]>,
  principal: Principal | undefined,
  answer: Answer<unknown>,
  deps: Pick<ApiDeps, 'record' | 'safeName' | 'ledger' | 'now'>,
): void {
  if (row.method === 'GET' || row.auth !== 'admin' || !principal) return
  if ('problem' in answer || ('value' in answer && answer.unchanged)) return
  const subject = Object.values(params).flat().join('/') || idOf(answer)
  const { kind, id, name } = principal
  const change: AdminChanged = {
    type: 'admin.changed',
    action: `${row.method} ${row.path}`,
    subject: subject === '' ? null : deps.safeName(subject),
    who: { kind, id, name: deps.safeName(name) },
  }
  if (!row.inBatches || !goesOn(deps.ledger(), change, deps.now())) deps.record(change)
}

/** What was made has its name from us, and says it in the answer. */
function idOf(answer: Answer<unknown>): string {
  const made = 'value' in answer ? answer.value : null
  return typeof made === 'object' && made !== null && 'id' in made && typeof made.id === 'string' ? made.id : ''
}

function goesOn({ audit }: Ledger, { action, who }: AdminChanged, now: number): boolean {
  const last = audit.findLast(({ e }) => e.action === action && e.who.id === who.id)
  return last !== undefined && Math.abs(now - last.t) < batchMs
}
