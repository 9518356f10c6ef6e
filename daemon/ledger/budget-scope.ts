/** Which calls a budget counts: all that fit each name of its scope. */
import type { BudgetScope, ScopeName } from '../../shared/contract/budget.ts'
import { fits as isLike } from '../../shared/glob.ts'
import { type JointDimension, jointDimensions } from './counted.ts'

/** What a call is counted under, as far as a scope can name it. */
export type Named = { readonly [name in ScopeName]?: string | null | undefined }

/** Counted each for itself, not among the joint names of the totals: a scope that has one of them has nothing else. */
const aloneNames = ['key', 'user', 'feature'] as const
export type AloneName = (typeof aloneNames)[number]

const jointNames = ['provider', 'account', 'model', 'chain', 'client', 'folder'] as const satisfies (ScopeName &
  JointDimension)[]

export function aloneOf(scope: BudgetScope): { name: AloneName; value: string } | undefined {
  for (const name of aloneNames) {
    const value = scope[name]
    if (value !== undefined) return { name, value }
  }
  return undefined
}

export function isSameScope(one: BudgetScope, other: BudgetScope): boolean {
  return [...aloneNames, ...jointNames].every((name) => one[name] === other[name])
}

export function fits(scope: BudgetScope, call: Named): boolean {
  const alone = aloneOf(scope)
  if (alone) return call[alone.name] === alone.value
  // written out: each budget asks it of each call that runs
  for (const name of jointNames) if (!fitsName(name, scope[name], call[name] ?? '')) return false
  return true
}

const places = jointNames.map((name) => [name, jointDimensions.indexOf(name)] as const)

/** `names` in the order of `jointDimensions`. They say nothing of a scope that is counted for itself. */
export function fitsJoint(scope: BudgetScope, names: readonly string[]): boolean {
  if (aloneOf(scope)) return false
  return places.every(([name, at]) => fitsName(name, scope[name], names[at] ?? ''))
}

function fitsName(name: ScopeName, wanted: string | undefined, said: string): boolean {
  if (wanted === undefined) return true
  return name === 'model' ? isLike(wanted, said) : wanted === said
}
