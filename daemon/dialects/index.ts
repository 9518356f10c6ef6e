/** The list of all dialects. */
import { anthropic } from './anthropic/anthropic.ts'
import type { Dialect } from './dialect.ts'
import { gemini } from './gemini/gemini.ts'
import { openaiChat } from './openai-chat/openai-chat.ts'
import { openaiResponses } from './openai-responses/openai-responses.ts'

export const dialects: readonly Dialect[] = [openaiChat, openaiResponses, anthropic, gemini]
