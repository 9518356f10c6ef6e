/** How a dialect says an answer: as one body, or as the text of its events. */
import type { Answer } from './answer.ts'
import type { Ask } from './ask.ts'

/** `at` is the epoch in ms. */
export type Voice = {
  contentBody(answer: Answer, at: number): string
  opening(answer: Answer, ask: Ask, at: number): string
  piece(answer: Answer, ask: Ask, at: number, piece: string): string
  closing(answer: Answer, ask: Ask, at: number): string
  errorBody(status: number, message: string): string
  models(ids: readonly string[]): string
}

/** What was asked, and who answers it. */
export type Heard = {
  ask: Ask
  voice: Voice
  /** It is only asked how many tokens that would be: the body that says so. */
  counted?: (tokens: number) => object
}
