/** Who may reach a row of the table, and what the others are told. */
import type { IncomingMessage } from 'node:http'
import { type Endpoint, type Scope, scopeRank } from '../../shared/contract/endpoint.ts'
import type { ApiDeps } from './handlers.ts'
import { isLoopbackPeer } from './peer.ts'
import type { Asking, Principal } from './principal.ts'
import { type Problem, problem } from './problem.ts'

/** May this request reach this row? Who it is, or why not. */
export function admit(
  row: Endpoint,
  req: IncomingMessage,
  asking: Asking,
  deps: ApiDeps,
): { principal: Principal | undefined } | Problem {
  if (row.loopbackOnly && !isLoopbackPeer(req)) {
    const only = `${row.path} answers only on the machine that the daemon runs on`
    if (row.loopbackOnly === true) return problem('forbidden', `${only}.`)
    const unless = `${only}, unless "allow-remote-management" is true in its config.jsonc.`
    if (!deps.settings().remoteManagement) return problem('forbidden', unless)
  }
  const type = req.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (row.body && type !== 'application/json') {
    return problem('json_required', `Send ${row.method} ${row.path} as JSON, with 'content-type: application/json'.`)
  }
  if (row.auth === 'none') return { principal: undefined }
  if (row.openOnLoopback && isLoopbackPeer(req)) return { principal: undefined }
  if (!asking.principal) return asking.why === 'none' ? noCredential : badKey
  return mayUse(asking.principal, row.auth) ? asking : tooLittle(asking.principal, row.auth)
}

export function mayUse(principal: Principal, scope: Scope): boolean {
  return scopeRank[principal.scope] >= scopeRank[scope]
}

const noCredential = problem(
  'no_credential',
  "Bring a key of this daemon in the header 'authorization', as a bearer token; `tollkeeper key create --scope read` makes one.",
)
const badKey = problem(
  'bad_key',
  'This key or token is not known here: it is misspelt, expired or revoked. `tollkeeper key list` shows the keys that are.',
)

export function tooLittle(principal: Principal, needed: Scope): Problem {
  const context = { scope: principal.scope, needed }
  return problem('forbidden', `'${principal.name}' has the scope '${principal.scope}', this needs '${needed}'.`, {
    context,
  })
}
