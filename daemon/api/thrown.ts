/** What the router and the body parser throw for bad requests, as problems; anything else is a bug. */
import type { Problem } from './problem.ts'
import { problem } from './problem.ts'

export function problemOfThrown(thrown: unknown): Problem | undefined {
  if (thrown instanceof URIError) return problem('bad_path', 'The path has a percent sign that is no encoding.')
  if (typeof thrown !== 'object' || thrown === null) return undefined
  const { type, status, expose } = thrown as { type?: unknown; status?: unknown; expose?: unknown }
  switch (type) {
    case 'entity.parse.failed':
      return problem(
        'bad_json',
        `The body is not JSON: ${thrown instanceof Error ? thrown.message : 'it cannot be read'}.`,
      )
    case 'entity.too.large':
      return problem('body_too_large', 'The body is larger than 1 MiB, the most this API takes.')
    case 'encoding.unsupported':
      return problem('unreadable_encoding', 'The body has a content-encoding that this API cannot read: send it plain.')
    case 'charset.unsupported':
      return problem('unreadable_encoding', 'The body has a charset that this API cannot read: send UTF-8.')
    case 'request.size.invalid':
    case 'request.aborted':
      return problem('bad_request', 'The body ended before its content-length was reached.')
    default:
      // the body parser marks what is the sender's fault, such as a torn gzip, as fit to be shown
      return expose === true && status === 400 ? problem('bad_request', 'The body cannot be read as it is.') : undefined
  }
}
