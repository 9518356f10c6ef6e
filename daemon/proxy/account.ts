/** Whose quota a call uses: by what the wire says, else by a fingerprint of the credential that cannot be turned back. */
import { anonymousAccount } from '../ledger/views/account-label.ts'
import type { Call, Target } from './call.ts'
import { safeNameOr } from './names.ts'

export type Accounts = {
  /** `replyHeader` reads the reply's headers once there are any. */
  accountOf(call: Call, target: Target, replyHeader?: (name: string) => string | undefined): string
}

const mostRemembered = 1000

/** `fingerprint`: 12 hex digits of the credential's HMAC under a pepper of this home. */
export function openAccounts(fingerprint: (credential: string) => string): Accounts {
  // An organization is only named by replies: what one said holds for the credential's next call, until it says otherwise.
  const named = new Map<string, string>()

  return {
    accountOf: (call, target, replyHeader) => {
      if (target.lent || target.provider.keyHeader === 'none') return target.provider.id
      const onWire =
        safeNameOr(single(call.request.headers['chatgpt-account-id'])) ?? safeNameOr(call.facts?.wireAccount)
      if (onWire) return onWire
      const own = call.credentials.own
      if (own === null) return anonymousAccount
      const print = fingerprint(own)
      const said = safeNameOr(replyHeader?.('anthropic-organization-id'))
      if (said && named.get(print) !== said) {
        named.delete(print)
        named.set(print, said)
        const oldest = named.keys().next()
        if (named.size > mostRemembered && !oldest.done) named.delete(oldest.value)
      }
      return said ?? named.get(print) ?? print
    },
  }
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}
