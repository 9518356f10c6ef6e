/** `/api/v1/keys`: our own keys, made, listed and revoked. */
import { scrub } from '../../../shared/scrub.ts'
import type { FamilyDeps, Handlers } from '../handlers.ts'
import { problem } from '../problem.ts'

/** Far more than a person makes by hand; each is compared on every call that brings one. */
const maxKeys = 500

export function keyHandlers(deps: FamilyDeps): Pick<Handlers, 'keys' | 'createKey' | 'revokeKey'> {
  return {
    keys: () => ({ value: { keys: deps.keys.list() } }),
    async createKey({ body }, context) {
      const { expires, ...wanted } = body
      const expiresAt = expires === undefined ? undefined : instantOf(expires)
      if (expires !== undefined && (expiresAt === undefined || expiresAt <= context.now)) {
        const detail =
          "Body field 'expires' must be a moment to come, as an ISO 8601 instant with its offset (2027-01-31T00:00:00Z)."
        return problem('bad_request', detail, { context: { parameter: 'expires' } })
      }
      const secret = [wanted.name, ...(wanted.providers ?? []), ...(wanted.chains ?? [])].find((it) => scrub(it) !== it)
      if (secret !== undefined) {
        return problem(
          'bad_request',
          'A secret stands where a name belongs: names of keys, providers and chains are shown.',
        )
      }
      if (deps.keys.list().length >= maxKeys) {
        return problem('conflict', `There are ${maxKeys} keys already, the most there may be. Revoke what is not used.`)
      }
      const { row, key } = await deps.keys.create({ ...wanted, expiresAt })
      return { value: { ...row, key } }
    },
    async revokeKey({ params }) {
      const row = await deps.keys.revoke(params.id)
      return row ? { value: row } : problem('not_found', `There is no key '${params.id.slice(0, 100)}'.`)
    },
  }
}

/** RFC 3339 section 5.6. Without an offset it would be anybody's guess which clock is meant. */
function instantOf(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text)) return undefined
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : at
}
