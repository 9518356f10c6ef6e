/** Errors of every API family in their one shape: what a handler returns when it cannot answer, and how it is written. */
import type { ApiError, ErrorCode } from '../../shared/contract/error.ts'
import { errorBody } from '../../shared/contract/error.ts'
import { scrub } from '../../shared/scrub.ts'

/** An expected no, as a value. `title` replaces the status's own name where a family's users know another one. */
export type Problem = {
  problem: ErrorCode
  detail: string
  title?: string
  context?: Record<string, unknown>
  /** Seconds after which it may go. */
  retryAfter?: number
}

export function problem(code: ErrorCode, detail: string, more: Omit<Problem, 'problem' | 'detail'> = {}): Problem {
  return { problem: code, detail, ...more }
}

function scrubbed(context: Record<string, unknown>): Record<string, unknown> {
  const text = JSON.stringify(context)
  const clean = scrub(text)
  return clean === text ? context : (JSON.parse(clean) as Record<string, unknown>)
}

/** The body of an error reply. It may quote what was sent, so secrets are taken out of it. `now` in epoch ms. */
export function errorBodyOf(p: Problem, requestId: string, now: number): ApiError {
  const { title, context, retryAfter } = p
  return errorBody(p.problem, scrub(p.detail), requestId, now, {
    ...(title !== undefined && { title }),
    ...(context && { context: scrubbed(context) }),
    ...(retryAfter !== undefined && { retryAfter }),
  })
}
