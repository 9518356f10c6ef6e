/** Can the config be used, all of it? */
import type { Warning, WarningCode } from '../../../shared/contract/warning.ts'
import type { ConfigProblem } from '../../store/config-words.ts'
import type { Around } from './around.ts'
import { fail, ok, type Said, warn } from './finding.ts'

/** What is wrong with the file, and with what it names. */
export const configCodes: ReadonlySet<WarningCode> = new Set<WarningCode>([
  'config-invalid',
  'provider-disabled',
  'chain-incomplete',
  'budget-incomplete',
  'literal-key',
  'restart-needed',
  'webhook-off',
])

export function config({ written, told }: Around): Promise<Said[]> {
  const { path, hasFile, usable, problems } = written
  return Promise.resolve(
    saidOfConfig({ path, hasFile, usable, problems, warnings: told.kind === 'told' ? told.warnings : null }),
  )
}

/**
 * `problems`: what a start from here would find. `warnings`: what the running daemon has found; it may know variables that this
 * shell does not, so its word goes first. null: none runs.
 */
export function saidOfConfig(of: {
  path: string
  hasFile: boolean
  usable: boolean
  problems: readonly ConfigProblem[]
  warnings: readonly Pick<Warning, 'code' | 'subject' | 'text'>[] | null
}): Said[] {
  const found = of.warnings?.filter(({ code }) => configCodes.has(code)) ?? of.problems
  const isUsable = of.usable || !found.some(({ code }) => code === 'config-invalid')
  if (found.length > 0) return found.map((problem) => saidOfProblem(problem, isUsable, of.path))
  return [ok(of.hasFile ? `${of.path} is read as a whole.` : `There is no ${of.path}: the defaults are in use.`)]
}

function saidOfProblem({ code, text }: Pick<ConfigProblem, 'code' | 'text'>, usable: boolean, path: string): Said {
  if (!usable && code === 'config-invalid') return fail(text, `Put ${path} right: a running daemon takes it at once.`)
  return warn(text, fixes[code] ?? `Put it right in ${path}.`)
}

const fixes: Partial<Record<WarningCode, string>> = {
  'restart-needed': 'tollkeeper restart',
  'literal-key': 'Put a variable in its place, or keep the key beside the file: tollkeeper provider set-key ID',
}
