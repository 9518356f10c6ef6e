/** Errors of every API family in their one shape: what a handler returns when it cannot answer, and how it is written. */
import { STATUS_CODES } from 'node:http'
import type { ApiError, ErrorCode } from '../../shared/contract/error.ts'
import { errorStatus } from '../../shared/contract/error.ts'

/** An expected no, as a value. `title` replaces the status's own name where a family's users know another one. */
export type Problem = {
  problem: ErrorCode
  detail: string
  title?: string
  context?: Record<string, unknown>
}

export function problem(
  code: ErrorCode,
  detail: string,
  more: { title?: string; context?: Record<string, unknown> } = {},
): Problem {
  return { problem: code, detail, ...more }
}

/** The body of an error reply; `context.code` is the stable name that programs test for. */
export function errorBodyOf(p: Problem, requestId: string, now: number): ApiError {
  const status = errorStatus[p.problem]
  return {
    error: p.title ?? STATUS_CODES[status] ?? p.problem,
    detail: p.detail,
    status_code: status,
    timestamp: new Date(now).toISOString(),
    request_id: requestId,
    context: { code: p.problem, ...p.context },
  }
}
