/** Puts another model name into a request whose body names its model on top. */
import type { PathAndBody } from './dialect.ts'
import { membersOf } from './json-scan.ts'
import { withMember } from './splice.ts'

/** The same request but for the name. It is found anew, so the body may have been changed since it was read. */
export function withModel(sent: PathAndBody, model: string): PathAndBody {
  const members = membersOf(sent.body)
  return members === undefined
    ? sent
    : { rest: sent.rest, body: withMember(sent.body, members, 'model', JSON.stringify(model)) }
}
