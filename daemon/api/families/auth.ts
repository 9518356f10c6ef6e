/** `/api/v1/auth` and `/api/v1/audit`: tokens that stand for one of our keys for a day, and who changed what. */
import { type Scope, scopeRank } from '../../../shared/contract/endpoint.ts'
import type { authRows } from '../../../shared/contract/endpoints/auth.ts'
import { auditOf } from '../../ledger/views/audit.ts'
import { mayUse, tooLittle } from '../admit.ts'
import type { FamilyDeps, Handlers } from '../handlers.ts'
import type { Principal } from '../principal.ts'
import { problem } from '../problem.ts'

export function authHandlers({ tokens, ledger }: FamilyDeps): Pick<Handlers, keyof typeof authRows> {
  const issued = async (key: string, scope: Scope) => {
    const made = await tokens.issue(key, scope)
    if (!made) return problem('bad_key', 'This key was revoked or has expired meanwhile.')
    return { value: { access_token: made.token, token_type: 'Bearer', expires_in: made.expiresIn } as const }
  }
  return {
    issueToken({ body }, { principal }) {
      if (!principal || principal.kind !== 'key' || principal.token) return needsKey
      const scope = body.scope ?? principal.scope
      return scopeRank[scope] > scopeRank[principal.scope] ? tooLittle(principal, scope) : issued(principal.id, scope)
    },
    refreshToken: (_asked, { principal }) =>
      principal?.token ? issued(principal.id, principal.scope) : needsToken('refreshes'),
    async revokeToken({ body }, { principal }) {
      if (body.token?.startsWith('tk_')) return noToken
      const token = body.token === undefined ? principal?.token : (await tokens.holderOf(body.token))?.token
      if (body.token === undefined && !token) return needsToken('revokes', 'token')
      // RFC 7009 section 2.2: what is worth nothing already is as good as revoked
      if (!token) return { value: { revoked: true } }
      if (!principal || !mayRevoke(principal, token.key)) return notTheirs
      await tokens.revoke(token)
      return { value: { revoked: true } }
    },
    audit: () => ({ value: { changes: auditOf(ledger()) } }),
  }
}

function mayRevoke(principal: Principal, key: string): boolean {
  return (principal.kind === 'key' && principal.id === key) || mayUse(principal, 'admin')
}

const needsKey = problem(
  'forbidden',
  'A token is made for a key, and asked for with the key itself (`tk_…`): `tollkeeper key create` makes one. A token is renewed by POST /api/v1/auth/refresh.',
)

const notTheirs = problem('forbidden', 'This token belongs to another key: only that key, or an admin, revokes it.')

/** Whoever heard that it is revoked would take it for that. */
const noToken = problem(
  'bad_request',
  "Body field 'token' holds a key, not a token: DELETE /api/v1/keys/{id} revokes a key, and all its tokens with it.",
  { context: { parameter: 'token' } },
)

function needsToken(does: string, parameter?: string) {
  const or = parameter === undefined ? '' : `, or names one in the body field '${parameter}'`
  const detail = `Only who comes with a token ${does} it${or}: POST /api/v1/auth/token makes one for a key.`
  return problem('bad_request', detail, parameter === undefined ? {} : { context: { parameter } })
}
