/** What it costs to be served in another way or in another place than usual, as a multiple of a model's list price. */
import type { ServedWithin, ServiceTier } from '../../shared/contract/usage.ts'

export type TierRow = {
  models: RegExp
  tiers: readonly ServiceTier[]
  times: number
  /** Longer prompts are not served so. */
  mostPrompt?: number
  /** Where it says so (all read 2026-11-27). */
  page: string
}

const openaiPage = 'https://developers.openai.com/api/docs/pricing'
const openaiFastPage = 'https://openai.com/api-fast-mode/'
const claudePage = 'https://platform.claude.com/docs/en/about-claude/pricing'
const claudeFastPage = 'https://platform.claude.com/docs/en/build-with-claude/fast-mode'
const geminiPage = 'https://ai.google.dev/gemini-api/docs/pricing'
const groqPage = 'https://console.groq.com/docs/flex-processing'

/** Since 2026-07-30 OpenAI calls its priority tier fast mode; it is one price under both names. */
const priority = ['priority', 'fast'] as const
const openai: readonly TierRow[] = [
  { models: /^/, tiers: ['batch'], times: 0.5, page: openaiPage },
  // Only what stands under «Flex» there: of GPT-6.2, 4.1 and 4o nothing does.
  {
    models: named('gpt-5(\\.[1245])?(-mini|-nano|-pro)?|gpt-5\\.6-\\w+|gpt-6(\\.1)?-\\w+|o3|o4-mini'),
    tiers: ['flex'],
    times: 0.5,
    page: openaiPage,
  },
  { models: named('gpt-5\\.5'), tiers: priority, times: 2.5, mostPrompt: 272_000, page: openaiFastPage },
  { models: named('gpt-5\\.4(-mini)?'), tiers: priority, times: 2, mostPrompt: 272_000, page: openaiFastPage },
  {
    models: named('gpt-5(\\.[12])?|gpt-5(\\.[12])?-codex|gpt-5\\.1-codex-max|gpt-5\\.6-\\w+|gpt-6(\\.[12])?-\\w+'),
    tiers: priority,
    times: 2,
    page: openaiFastPage,
  },
  { models: named('gpt-5-mini'), tiers: priority, times: 1.8, page: openaiFastPage },
  { models: named('gpt-4\\.1(-mini)?|o3'), tiers: priority, times: 1.75, page: openaiFastPage },
  { models: named('gpt-4\\.1-nano'), tiers: priority, times: 2, page: openaiFastPage },
  { models: /^gpt-4o-2024-05-13$/, tiers: priority, times: 1.75, page: openaiFastPage },
  { models: named('gpt-4o'), tiers: priority, times: 1.7, page: openaiFastPage },
  { models: named('gpt-4o-mini'), tiers: priority, times: 5 / 3, page: openaiFastPage },
  { models: named('o4-mini'), tiers: priority, times: 20 / 11, page: openaiFastPage },
  {
    models: named('gpt-6-astra'),
    tiers: ['ultrafast'],
    times: 6,
    page: 'https://developers.openai.com/api/docs/guides/ultrafast-mode',
  },
]

/** Its priority tier is paid for in advance: what one call costs of that, nobody can say. */
const anthropic: readonly TierRow[] = [
  { models: /^claude-/, tiers: ['batch'], times: 0.5, page: claudePage },
  {
    models: named('claude-opus-(4-8|5|5-5)|claude-(fable|mythos)-5-2'),
    tiers: ['fast'],
    times: 2,
    page: claudeFastPage,
  },
  { models: named('claude-opus-4-[67]'), tiers: ['fast'], times: 6, page: claudeFastPage },
]

/** For its other models Google says of priority only that it costs three quarters to once more. */
const google: readonly TierRow[] = [
  { models: /^gemini-/, tiers: ['batch', 'flex'], times: 0.5, page: geminiPage },
  { models: named('gemini-4-(neon|hydrogen)'), tiers: ['priority'], times: 1.8, page: geminiPage },
]

const groq: readonly TierRow[] = [{ models: /^/, tiers: ['flex'], times: 1, page: groqPage }]

/** By the provider's name in the catalogue; the first that fits. */
const rows: ReadonlyMap<string, readonly TierRow[]> = new Map(Object.entries({ openai, anthropic, google, groq }))

/** One of these names whole, with a snapshot's date or without. */
function named(names: string): RegExp {
  return new RegExp(`^(${names})([-@]20\\d\\d-?[01]\\d-?[0-3]\\d)?$`)
}

/** Whether the provider serves in several ways: what a call asks for means nothing to others. */
export function servesInTiers(catalogueId: string | null): boolean {
  return catalogueId !== null && rows.has(catalogueId)
}

/** undefined: nobody says what this model costs so. */
export function tierRowOf(catalogueId: string, model: string, tier: ServiceTier): TierRow | undefined {
  return rows.get(catalogueId)?.find(({ models, tiers }) => tiers.includes(tier) && models.test(model))
}

export type PlaceRow = { models: RegExp; within: ServedWithin; times: number; page: string }

/** On top of what a tier costs. Models before Claude 4.6 are served anywhere, at the usual price. */
const places: ReadonlyMap<string, readonly PlaceRow[]> = new Map([
  [
    'anthropic',
    [
      {
        models: /^claude-([1-3]|instant|(opus|sonnet|haiku)-4(-[0-5])?(?=[-@]20|$))/,
        within: 'us',
        times: 1,
        page: claudePage,
      },
      { models: /^claude-/, within: 'us', times: 1.1, page: claudePage },
    ],
  ],
])

/** Whether the provider takes more for serving within a place: what others say of places means nothing for the price. */
export function servesWithinPlaces(catalogueId: string | null): boolean {
  return catalogueId !== null && places.has(catalogueId)
}

/** undefined: nobody says what this model costs there. */
export function placeRowOf(catalogueId: string, model: string, within: ServedWithin): PlaceRow | undefined {
  return places.get(catalogueId)?.find((row) => row.within === within && row.models.test(model))
}

export function allTierRows(): TierRow[] {
  return [...rows.values()].flat()
}
