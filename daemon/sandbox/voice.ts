/** How a dialect says an answer: as one body, or as the text of its events. */
import type { Answer } from './answer.ts'
import type { Ask } from './ask.ts'

/** A limit that is used up. `limit`: requests in that time; null: it is told in shares. `until` in epoch ms, `wait` in seconds. */
export type Reached = { of: 'minute' | 'day' | 'plan'; limit: number | null; until: number; wait: number }

/** `at` is the epoch in ms. */
export type Voice = {
  /** The content type of its streams, where they are no server-sent events. */
  streamType?: string
  contentBody(answer: Answer, at: number): string
  opening(answer: Answer, ask: Ask, at: number): string
  piece(answer: Answer, ask: Ask, at: number, piece: string): string
  closing(answer: Answer, ask: Ask, at: number): string
  errorBody(status: number, message: string, reached?: Reached): string
  models(ids: readonly string[]): string
}

/** What was asked, and who answers it. */
export type Heard = {
  ask: Ask
  voice: Voice
  /** It is answered with numbers alone: how many tokens that would be, or vectors. */
  counted?: (tokens: number) => object
}
