/** What a search on the web costs where the catalogue has prices of tokens alone. */

export const searchFeesDated = '2026-11-27'

type Fee = { models: RegExp; usdPerThousand: number }

/** By the provider's name in the catalogue; the first that matches. */
const fees: ReadonlyMap<string, readonly Fee[]> = new Map(
  Object.entries({
    // https://developers.openai.com/api/docs/pricing
    openai: [{ models: /^(gpt-[5-9]|o[34])/, usdPerThousand: 10 }],
    // https://ai.google.dev/gemini-api/docs/pricing, without the first ones of a day or month, which are free: a prompt up to
    // 2.5, a query after it
    google: [
      { models: /^gemini-[12]\b/, usdPerThousand: 35 },
      { models: /^gemini-/, usdPerThousand: 14 },
    ],
    // https://docs.x.ai/developers/pricing
    'x-ai': [{ models: /^grok-/, usdPerThousand: 5 }],
  }),
)

/** USD a thousand searches; undefined where none is known. */
export function searchFee(catalogueId: string, model: string): number | undefined {
  return fees.get(catalogueId)?.find(({ models }) => models.test(model))?.usdPerThousand
}
