/** What one attempt cost and what is owed of it, when it is over: as the provider states it, else by the lists of prices. */
import type { AttemptEnded } from '../../shared/contract/event.ts'
import type { Warn } from '../../shared/contract/log.ts'
import type { AudioUsage, Billing, ServedWithin, ServiceTier, Usage } from '../../shared/contract/usage.ts'
import type { Tier } from '../dialects/tier.ts'
import type { Within } from '../dialects/within.ts'
import { owedOf } from '../pricing/owed.ts'
import type { Priced, Prices } from '../pricing/price.ts'
import { servesInTiers, servesWithinPlaces } from '../pricing/served-tiers.ts'
import type { Ending } from './attempt.ts'
import type { Call, Target } from './call.ts'
import { safeName } from './names.ts'

export type Spent = {
  call: Call
  target: Target
  billing: Billing
  /** null: nothing is known of its tokens. */
  usage: Usage | null
  /** Its tokens were counted by us. */
  isGuessed: boolean
  /** The part of it that is sound; undefined: none. */
  audio: AudioUsage | undefined
  /** It made images. */
  images: true | undefined
  /** As it came. */
  model: string
  ending: Ending
  /** undefined: it was served in the usual way. */
  tier: ServiceTier | undefined
  /** undefined: it was kept within no place. */
  within: ServedWithin | undefined
  searches: number
}

/** What was asked for may not be what was done: it counts where nothing was told. undefined: in the usual way. */
export function servedAs({ facts }: Call, { provider }: Target, told: Tier | undefined): ServiceTier | undefined {
  const tier = told ?? (servesInTiers(provider.catalogueId) ? facts?.tier : undefined)
  return tier === 'standard' ? undefined : tier
}

/** The same of where; what a provider without prices by place says of it is no figure. */
export function keptWithin({ facts }: Call, { provider }: Target, told: Within | undefined): ServedWithin | undefined {
  const place = servesWithinPlaces(provider.catalogueId) ? (told ?? facts?.within) : undefined
  return place === 'anywhere' ? undefined : place
}

type Cost = Pick<AttemptEnded, 'cost' | 'billed' | 'price'>

export function priceAttempt(spent: Spent, priceOf: Prices['priceOf'], warn: Warn): Cost {
  const { call, target, billing, usage, isGuessed, audio, images, model, ending, tier, within, searches } = spent
  if (usage === null) return withoutUsage(spent, warn)
  const stated = ending.reading?.statedCostUsd ?? null
  const nano = stated === null ? null : Math.round(stated * 1e9)
  // a cost beyond all sense is no cost: our own price is closer
  if (nano !== null && Number.isSafeInteger(nano)) {
    return { cost: nano, billed: owedOf(billing, nano), price: { source: 'provider', version: 'reply' } }
  }
  const { provider } = target
  const priceFor = (model: string, guessed = isGuessed) =>
    priceOf({
      catalogueId: provider.catalogueId,
      provider: provider.id,
      model,
      usage,
      webSearches: searches,
      audio,
      images,
      isGuessed: guessed,
      tier,
      within,
      at: call.startedAt,
    })
  // an alias may have no price of its own where the snapshot that answered has one
  const answered = ending.reading?.model ?? model
  const found =
    priceFor(model) ??
    (answered === model ? null : foundAs(answered, priceFor(answered))) ??
    (provider.local ? { nano: 0, stamp: null } : null)
  if (found === null) {
    const broke = isGuessed && priceFor(model, false) !== null
    warn.raise('unpriced-model', `${provider.id}/${safeName(model)}`, unpricedText(spent, broke))
  }
  return { cost: found?.nano ?? null, billed: owedOf(billing, found?.nano ?? null), price: found?.stamp ?? null }
}

/** Paths of what is billed by the piece: OpenAI's, which others have too, and Google's of Imagen and Veo. */
const makesPieces = /(?:^|\/)(?:images|audio|videos)(?:\/|$)|:predict(?:LongRunning)?$/

/** What passed unread may have cost something: nobody here knows. */
function withoutUsage({ call, target: { provider }, model, ending }: Spent, warn: Warn): Cost {
  const mayCost = call.endpoint.counts !== 'tokens' && call.endpoint.method === 'POST' && ending.outcome === 'ok'
  if (!mayCost || provider.local) return { cost: 0, billed: 0, price: null }
  if (makesPieces.test(call.rest)) {
    const detail = `Images, sound and video at ${provider.id} pass unread and are billed by the piece: such calls count as unpriced.`
    warn.raise(
      'unpriced-model',
      `${provider.id}/${safeName(model)}`,
      `${detail} The provider's own bill says what they cost.`,
    )
  }
  return { cost: null, billed: null, price: null }
}

/** `broke`: only what a voice said before it was broken off has no price. */
function unpricedText({ target, model, tier, within, audio, images }: Spent, broke: boolean): string {
  const at = `${safeName(model)} at ${target.provider.id}`
  if (broke) return `A call of ${at} broke off before anybody counted what it said: it counts as unpriced.`
  const served = `${tier === undefined ? '' : ` in the service tier "${tier}"`}${within === undefined ? '' : ` kept within "${within}"`}`
  const how = `${served}${audio ? ' with tokens of sound' : ''}${images ? ' with images that it made' : ''}`
  const keys = audio ? ', with "inputAudioUsdPerMillion" and "outputAudioUsdPerMillion"' : ''
  return `No price is known for ${at}${how}: its calls count as unpriced. Set one under "prices" in config.jsonc${keys}.`
}

/** The stamp says which name the price was found under. */
function foundAs(answered: string, found: Priced | null): Priced | null {
  return found && { nano: found.nano, stamp: { pricedAs: safeName(answered), ...found.stamp } }
}
