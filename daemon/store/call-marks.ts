/** By what a call is known again when it is imported: small numbers that an ended attempt leaves, and those that an imported line would have left. */
import { createHash } from 'node:crypto'
import type { AttemptEnded, ImportSource } from '../../shared/contract/event.ts'
import { promptTokensOf, type Usage } from '../../shared/contract/usage.ts'

/** What is known of a call that may be imported. `at`: when it was made, epoch ms. */
export type CallTold = {
  source: ImportSource
  /** As `importedAttemptId` makes it. */
  attempt: string
  requestId: string | null
  at: number
  model: string
  usage: Usage | null
}

const minuteMs = 60_000

/**
 * 52 bits of a hash by multiplying (after FNV-1a, www.isthe.com/chongo/tech/comp/fnv, with two bases and a last mixing): several
 * are made for each call, and a cryptographic one costs ten times as much. Of a million calls one is taken for another once in
 * some thousand homes.
 */
export function markOf(...parts: (string | number)[]): number {
  const text = parts.join('\n')
  let [a, b] = [0x811c9dc5, 0x9e3779b9]
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    a = Math.imul(a ^ code, 0x01000193)
    b = Math.imul(b ^ code, 0x85ebca6b)
    b ^= b >>> 13
  }
  return (mixed(a ^ b) & 0xfffff) * 2 ** 32 + (mixed(b + Math.imul(a, 0xc2b2ae35)) >>> 0)
}

/** Every bit of the answer depends on every one that was given. */
function mixed(bits: number): number {
  let mix = bits ^ (bits >>> 16)
  mix = Math.imul(mix, 0x7feb352d)
  mix ^= mix >>> 15
  mix = Math.imul(mix, 0x846ca68b)
  return mix ^ (mix >>> 16)
}

/** The id of its attempt: the same at each import. */
export function importedAttemptId(source: ImportSource, key: string): string {
  return `imp_${createHash('sha256').update(`${source}\n${key}`).digest('hex').slice(0, 24)}`
}

/** What a call that is in the history leaves. `t`: when it was recorded. */
export function marksOfEnded(e: AttemptEnded, t: number): number[] {
  const request = e.upstreamId === null ? [] : [markOf('request', e.upstreamId)]
  if (e.imported !== undefined) {
    return [markOf('attempt', e.attempt), markOf('content', ...contentOf(e.startedAt, e.model, e.usage)), ...request]
  }
  const size = sizeOf(e.usage)
  // one that failed is known in an export of ours by its very time
  if (size === null) {
    return [...request, ...[e.startedAt, t].map((at) => markOf('content', ...contentOf(at, e.model, e.usage)))]
  }
  const minutes = new Set([e.startedAt, t].map((at) => Math.floor(at / minuteMs)))
  return [...request, ...[...minutes].map((minute) => markOf('size', minute, size))]
}

/**
 * One of these in the history: the call is there already. Where no id of the provider tells, a call through the daemon is known by
 * its tokens and its minute, and one in an export also by its content, which may have been imported from elsewhere.
 */
export function marksOfTold(told: CallTold): number[] {
  const marks = [markOf('attempt', told.attempt)]
  if (told.requestId !== null) return [...marks, markOf('request', told.requestId)]
  if (told.source === 'export') marks.push(markOf('content', ...contentOf(told.at, told.model, told.usage)))
  const size = sizeOf(told.usage)
  if (size === null) return marks
  const minute = Math.floor(told.at / minuteMs)
  return [...marks, ...[minute - 1, minute, minute + 1].map((near) => markOf('size', near, size))]
}

function contentOf(at: number, model: string, usage: Usage | null): (string | number)[] {
  return [at, model, sizeOf(usage) ?? '']
}

/** null: nothing was used, as in many calls that failed. */
function sizeOf(usage: Usage | null): string | null {
  if (usage === null) return null
  const prompt = promptTokensOf(usage)
  return prompt + usage.output === 0 ? null : `${prompt} ${usage.output}`
}
