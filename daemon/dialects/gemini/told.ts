/** Adds up what the chunks of one Gemini reply tell, whatever they came in. */
import type { ReplyReading } from '../dialect.ts'
import { isObject, type JsonObject, listOf, objectOf, textOf } from '../loose-json.ts'
import { type Tier, tierOf } from '../tier.ts'
import { audioOf, hasImages, type ToldSound, type ToldUsage, takeSound, takeUsage, usageOf } from './usage.ts'

export type Told = {
  take(chunk: JsonObject): void
  /** A finish reason was seen and neither a word nor an error came after it, or the prompt was blocked. */
  isFinished(): boolean
  /** `complete`: whether that was all of it. */
  reading(complete: boolean): ReplyReading
}

export function openTold(): Told {
  const usage: ToldUsage = {}
  const sound: ToldSound = {}
  const searches = new Set<string>()
  let model: string | null = null
  let error: JsonObject | null = null
  let tier: Tier | undefined
  let images = false
  let finished = false

  function take(chunk: JsonObject): void {
    model ??= textOf(chunk.modelVersion)
    if (isObject(chunk.error)) error ??= chunk.error
    takeUsage(usage, chunk.usageMetadata)
    takeSound(sound, chunk.usageMetadata)
    images ||= hasImages(chunk.usageMetadata)
    tier = tierOf(objectOf(chunk.usageMetadata).serviceTier) ?? tier
    if (textOf(objectOf(chunk.promptFeedback).blockReason) !== null) finished = true
    for (const candidate of listOf(chunk.candidates).map(objectOf)) {
      if (isFinish(candidate.finishReason)) finished = true
      else if (listOf(objectOf(candidate.content).parts).length > 0) finished = false
      for (const query of listOf(objectOf(candidate.groundingMetadata).webSearchQueries)) {
        const words = textOf(query)
        if (words !== null) searches.add(words)
      }
    }
  }

  function audio(): Pick<ReplyReading, 'audio'> {
    const found = audioOf(sound)
    return found === undefined ? {} : { audio: found }
  }

  return {
    take,
    isFinished: () => finished && error === null,
    reading: (complete) => ({
      usage: usageOf(usage),
      outputReported: complete && Object.keys(usage).length > 0,
      model,
      statedCostUsd: null,
      error: error && { code: codeOf(error), message: textOf(error.message) ?? '' },
      complete,
      webSearches: isBilledByPrompt(model) ? Math.min(1, searches.size) : searches.size,
      ...audio(),
      ...(images && { images }),
      ...(tier && { tier }),
      keptAs: null,
      // Google states limits nowhere but in its refusals (google.rpc.QuotaFailure, RetryInfo)
      quota: error && { error },
    }),
  }
}

function isFinish(reason: unknown): boolean {
  return textOf(reason) !== null && reason !== 'FINISH_REASON_UNSPECIFIED'
}

/** Up to 2.5 a grounded prompt is billed once; later models by each different query (ai.google.dev/gemini-api/docs/pricing, 2026-11). */
function isBilledByPrompt(model: string | null): boolean {
  return model !== null && /^gemini-[12]\b/.test(model)
}

function codeOf(error: JsonObject): string {
  return textOf(error.status) ?? (typeof error.code === 'number' ? String(error.code) : 'error')
}
