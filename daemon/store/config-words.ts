/** Says in words what is wrong in a config file, and where. It names keys and kinds, never values: one could be a secret. */
import { findNodeAtLocation, type JSONPath, type Node } from 'jsonc-parser'
import type * as z from 'zod/mini'
import type { WarningCode } from '../../shared/contract/warning.ts'

export type ConfigProblem = { code: WarningCode; subject: string; text: string }

/** `config.jsonc, line 3, column 5`: both count from 1. */
export function placeOf(text: string, offset: number): string {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/)
  return `config.jsonc, line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}`
}

/** The whole property that a path names, key first, or the nearest thing around it that is there. */
export function nodeAt(root: Node, path: JSONPath): Node | undefined {
  for (let length = path.length; length > 0; length--) {
    const found = findNodeAtLocation(root, path.slice(0, length))
    if (found) return found.parent?.type === 'property' ? found.parent : found
  }
  return root
}

const syntax: Record<string, string> = {
  CommaExpected: 'a comma is missing before this.',
  ColonExpected: 'a colon is missing after the key.',
  PropertyNameExpected: 'a key in double quotes is expected here.',
  ValueExpected: 'a value is expected here.',
  CloseBraceExpected: 'a closing brace } is missing.',
  CloseBracketExpected: 'a closing bracket ] is missing.',
  EndOfFileExpected: 'there is something after the end of the object; take it out.',
  UnexpectedEndOfString: 'a string is not closed; end it with a double quote on the same line.',
  UnexpectedEndOfComment: 'a comment is not closed; end it with */.',
  InvalidEscapeCharacter: 'a backslash stands before a character that needs none; write \\\\ for a backslash.',
  InvalidUnicode: '\\u must be followed by four hexadecimal digits.',
  InvalidCharacter: 'a control character stands in a string; take it out.',
  InvalidNumberFormat: 'this is no number.',
  InvalidSymbol: 'this is no value; strings stand in double quotes.',
}

export function wordsForSyntax(code: string): string {
  return syntax[code] ?? 'this is not valid JSON.'
}

const kinds: Record<string, string> = {
  string: 'text in double quotes',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object: { … }',
  record: 'an object: { … }',
  array: 'a list: [ … ]',
}

/** Completes the sentence "key …". */
export function wordsForIssue(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${kinds[issue.expected] ?? issue.expected}.`
    case 'custom':
      return `${issue.message}.`
    case 'too_small':
      if (issue.origin === 'array') return `must hold at least ${String(issue.minimum)}.`
      return `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${String(issue.minimum)}.`
    case 'too_big':
      if (issue.origin === 'array') return `must hold at most ${String(issue.maximum)}.`
      return `must be ${issue.inclusive === false ? 'less than' : 'at most'} ${String(issue.maximum)}.`
    case 'invalid_key':
      return `is no good name: ${issue.issues[0]?.message ?? 'use other characters'}.`
    case 'invalid_format':
      return issue.message.startsWith('Invalid') ? 'is not valid.' : `is not valid: ${issue.message}.`
    default:
      return 'is not valid; see the documentation of config.jsonc.'
  }
}
