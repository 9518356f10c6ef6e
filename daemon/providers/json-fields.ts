/** Reads single members of JSON that others wrote: what is not there, or is of another kind, is none. Never throws. */
import { amount } from './quota-values.ts'

/** Longer lists than anyone needs: a reply must not make us work. */
const mostItems = 16

export function fieldOf(json: unknown, name: string): unknown {
  if (typeof json !== 'object' || json === null || !Object.hasOwn(json, name)) return undefined
  return Reflect.get(json, name)
}

export function textOf(json: unknown, name: string): string | undefined {
  const value = fieldOf(json, name)
  return typeof value === 'string' ? value : undefined
}

export function listOf(json: unknown, name: string): readonly unknown[] {
  const value = fieldOf(json, name)
  return Array.isArray(value) ? value.slice(0, mostItems) : []
}

/** Gemini sends a list of one where a stream was asked for that is no event stream. */
export function firstOf(json: unknown): unknown {
  return Array.isArray(json) ? (json as readonly unknown[])[0] : json
}

/** 0 or more; numbers also come as text. */
export function numberOf(json: unknown, name: string): number | null {
  const value = fieldOf(json, name)
  if (typeof value === 'string') return amount(value)
  return typeof value === 'number' && value >= 0 && value < 1e15 ? value : null
}
