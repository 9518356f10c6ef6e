/** Where a token of sound costs what one of text does: so says who names one price for all kinds of what goes in or comes out. */
import type { Rates } from './rates.ts'

/**
 * https://ai.google.dev/gemini-api/docs/pricing names a price of «(audio)» beside that of text where there is one, and else a single
 * price (2026-11). The previews of 2.5 Flash are off it by now, and had two.
 */
const geminis = /^gemini-(?!2\.5-flash-preview(-\d|$))/

/** Others say what sound costs, or nobody knows: their own lists have gaps. */
export function soundsLikeText(catalogueId: string, model: string): boolean {
  return catalogueId === 'google' && geminis.test(model)
}

/** A rate of sound that is known stays as it is. */
export function withSoundAsText(rates: Rates): Rates {
  return {
    ...rates,
    inputAudio: rates.inputAudio ?? rates.input,
    cacheReadAudio: rates.cacheReadAudio ?? rates.inputAudio ?? rates.cacheRead,
    outputAudio: rates.outputAudio ?? rates.output,
  }
}
