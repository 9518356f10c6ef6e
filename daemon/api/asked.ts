/** The one place where what a client asked meets the row's schemas: typed values, or a sentence that names the wrong parameter. */
import * as z from 'zod/mini'
import type { Problem } from './problem.ts'
import { problem } from './problem.ts'

/** Where a value stood, as the sentence names it. */
type Place = 'query parameter' | 'body field'

export type Checked = { value: unknown } | Problem

/** The value as the schema understands it; a row without a schema takes nothing. */
export function checked(schema: z.core.$ZodType | undefined, value: unknown, place: Place): Checked {
  if (!schema) return { value: undefined }
  const result = z.safeParse(schema, value, { reportInput: true })
  if (result.success) return { value: result.data }
  const issue = result.error.issues[0]
  if (!issue)
    return problem('bad_request', `The ${place === 'body field' ? 'body' : 'query'} is not what this path takes.`)
  const extra = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined
  const name = [...issue.path.map(String), ...(extra === undefined ? [] : [extra])].join('.')
  // what stands twice in a query comes as a list
  const isTwice = place === 'query parameter' && Array.isArray(issue.input)
  const subject =
    name === '' ? 'The request body' : `${place === 'body field' ? 'Body field' : 'Query parameter'} '${name}'`
  return problem(
    'bad_request',
    `${subject} ${isTwice ? 'stands there more than once' : issueText(issue)}.`,
    name === '' ? {} : { context: { parameter: name } },
  )
}

/** What is wrong with a value, as the end of a sentence that began with its name. */
function issueText(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return `is missing (${article(issue.expected)} is needed)`
      return `must be ${article(issue.expected)}`
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`
    case 'too_small':
      if (issue.origin === 'string') return `needs at least ${counted(issue.minimum)}`
      return `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${String(issue.minimum)}`
    case 'too_big':
      if (issue.origin === 'string') return `may have at most ${counted(issue.maximum)}`
      return `must be ${issue.inclusive === false ? 'less than' : 'at most'} ${String(issue.maximum)}`
    case 'unrecognized_keys':
      return 'is not known here: leave it out or check its spelling'
    case 'invalid_format':
    case 'not_multiple_of':
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return `is not valid${issue.message && issue.message !== 'Invalid input' ? `: ${issue.message}` : ''}`
  }
}

function article(noun: string): string {
  return `${/^[aeio]/.test(noun) ? 'an' : 'a'} ${noun}`
}

function counted(characters: number | bigint): string {
  return `${String(characters)} character${Number(characters) === 1 ? '' : 's'}`
}
