/** Puts another model name into a request whose body names its model on top. */
import { membersOf } from './json-scan.ts'
import { withMember } from './splice.ts'

/** The same bytes but for the name. It is found anew, so `body` may have been changed since it was read. */
export function withModel(body: Uint8Array, _facts: unknown, model: string): Uint8Array {
  const members = membersOf(body)
  return members === undefined ? body : withMember(body, members, 'model', JSON.stringify(model))
}
