/** A config as the API shows it, without its secrets; and one that comes back, with those put in again. */
import { scrub } from '../../shared/scrub.ts'

/** What stands for a secret. */
const mark = '[secret]'
/** A variable's name is no secret; a default behind it may be. */
const onlyVariable = /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/

function isSecretKey(key: string): boolean {
  return key === 'apiKey' || /secret|token|password/i.test(key)
}

export function shownOf(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return shownText(value, key)
  if (Array.isArray(value)) return value.map((one) => shownOf(one, key))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [scrub(name), shownOf(one, name)]))
}

function shownText(text: string, key: string): string {
  if (onlyVariable.test(text)) return text
  if (isSecretKey(key)) return mark
  // what stands behind a webhook's host is often what lets a caller in
  return key === 'url' ? text.replace(/^(https?:\/\/[^/?#]+)[/?#].+$/i, `$1/${mark}`) : scrub(text)
}

function isShownAsIs(value: unknown, key: string): boolean {
  return typeof value === 'string' && shownText(value, key) === value
}

export type PutBack = { value: unknown } | { bad: string; path: string }

/**
 * What stands as it was shown is what the file holds there; in a list of texts, anywhere in it. Anything new must be neither a variable nor a secret. `bad` completes
 * the sentence "the value at `path` …".
 */
export function putBack(wanted: unknown, held: unknown, key = '', path = ''): PutBack {
  if (typeof wanted === 'string') {
    if (typeof held === 'string' && wanted === shownText(held, key)) return { value: held }
    const bad = faultOf(wanted, key)
    return bad === undefined ? { value: wanted } : { bad, path }
  }
  if (typeof wanted !== 'object' || wanted === null) return { value: wanted }
  const isList = Array.isArray(wanted)
  const before: Record<string, unknown> =
    typeof held === 'object' && held !== null && Array.isArray(held) === isList ? { ...held } : {}
  const texts = new Set<unknown>(isList ? Object.values(before).filter((one) => isShownAsIs(one, key)) : [])
  const parts: [string, unknown][] = []
  for (const [name, one] of Object.entries(wanted)) {
    const place = path === '' ? name : `${path}.${name}`
    const isHeld = Object.hasOwn(before, name)
    const badName = isList || isHeld ? undefined : faultOf(name, '')
    if (badName !== undefined) return { bad: badName, path: place }
    // a text of a list may come back at another place of it
    const same: unknown = texts.has(one) ? one : isHeld ? before[name] : undefined
    const part = putBack(one, same, isList ? key : name, place)
    if ('bad' in part) return part
    parts.push([name, part.value])
  }
  return { value: isList ? parts.map(([, one]) => one) : Object.fromEntries(parts) }
}

function faultOf(text: string, key: string): string | undefined {
  if (text.includes('${')) return 'holds a variable that does not stand there yet: write it into config.jsonc by hand'
  if (isSecretKey(key) || text.includes(mark) || scrub(text) !== text)
    return 'is a secret, and those are never written into the config: PUT /api/v1/providers/{id}/key keeps a key for a provider'
  return undefined
}

/** The config without its secrets, and their places; variables stay. */
export function bareOf(config: Record<string, unknown>): { config: Record<string, unknown>; leftOut: string[] } {
  const leftOut: string[] = []
  return { config: bareRecord(config, '', leftOut), leftOut }
}

function bareRecord(record: Record<string, unknown>, path: string, leftOut: string[]): Record<string, unknown> {
  const parts = Object.entries(record).map(([name, one]) => {
    return [name, bare(one, name, path === '' ? name : `${path}.${name}`, leftOut)] as const
  })
  return Object.fromEntries(parts.filter(([, one]) => one !== undefined))
}

function bare(value: unknown, key: string, path: string, leftOut: string[]): unknown {
  if (typeof value === 'string' && shownText(value, key) !== value) {
    leftOut.push(path)
    return undefined
  }
  if (Array.isArray(value)) {
    return value.map((one, at) => bareItem(one, key, `${path}.${at}`, leftOut)).filter((one) => one !== undefined)
  }
  return typeof value === 'object' && value !== null ? bareRecord({ ...value }, path, leftOut) : value
}

/** What is one of a list is worth nothing in part: a webhook without its address, or without what it is signed with. */
function bareItem(item: unknown, key: string, path: string, leftOut: string[]): unknown {
  const before = leftOut.length
  const left = bare(item, key, path, leftOut)
  return leftOut.length === before ? left : undefined
}
