/** Every kind of call of every SDK, in its current line and in one of 2025. */

import type { SdkCall } from './call.ts'
import { aiCalls } from './calls-ai.ts'
import { anthropicCalls } from './calls-anthropic.ts'
import { genaiCalls } from './calls-genai.ts'
import { openaiCalls } from './calls-openai.ts'

export const sdkCalls: readonly SdkCall[] = [...openaiCalls, ...anthropicCalls, ...genaiCalls, ...aiCalls]
