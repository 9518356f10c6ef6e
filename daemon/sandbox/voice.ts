/** How a dialect says an answer: as one body, or as the text of its events. */
import type { Answer } from './answer.ts'
import type { Ask } from './ask.ts'

/** `at` is the epoch in ms. */
export type Voice = {
  /** The content type of its streams, where they are no server-sent events. */
  streamType?: string
  contentBody(answer: Answer, at: number): string
  opening(answer: Answer, ask: Ask, at: number): string
  piece(answer: Answer, ask: Ask, at: number, piece: string): string
  closing(answer: Answer, ask: Ask, at: number): string
  /** `wait`: seconds until it may be tried again. */
  errorBody(status: number, message: string, wait?: number): string
  models(ids: readonly string[]): string
}

/** What was asked, and who answers it. */
export type Heard = {
  ask: Ask
  voice: Voice
  /** It is answered with numbers alone: how many tokens that would be, or vectors. */
  counted?: (tokens: number) => object
}
