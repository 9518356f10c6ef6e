/** Providers from the user's config: changes to known ones, and new ones in the image of a known one. */
import type { ProviderConfig } from '../../shared/contract/config-providers.ts'
import type { WarningCode } from '../../shared/contract/warning.ts'
import { originOf, splitBaseUrl } from './base-url.ts'
import type { OwnHeaders, Provider, ProviderKind, ProviderTimeouts } from './provider.ts'

type ProviderProblem = { code: WarningCode; subject: string; text: string }
export type ConfiguredProviders = { providers: Map<string, Provider>; problems: ProviderProblem[] }

/** What speaks OpenAI's chat format unless its entry says otherwise: so does nearly every server that one runs oneself. */
const plain: Omit<ProviderKind, 'id' | 'label'> = {
  dialects: ['openai-chat'],
  keyHeader: 'authorization',
  streamUsage: 'ask',
  catalogueId: null,
  requestIdHeader: 'x-request-id',
  local: false,
  passthrough: true,
  plan: false,
  configured: true,
  simulated: false,
}

/** Keys to lend that do not stand in the file: `keyFor` gives one only for the origin that it was set for. */
export type StoredKeys = {
  providers(): readonly string[]
  keyFor(provider: string, origin: string): string | undefined
}
const noKeys: StoredKeys = { providers: () => [], keyFor: () => undefined }

/** An entry that cannot be used leaves its provider out, known or not: a call must never go elsewhere than the user wrote. */
export function withConfigured(
  known: readonly Provider[],
  kinds: readonly ProviderKind[],
  written: Readonly<Record<string, ProviderConfig>>,
  stored: StoredKeys = noKeys,
): ConfiguredProviders {
  const providers = new Map(known.map((provider) => [provider.id, provider]))
  const problems: ProviderProblem[] = []
  const withKeys = stored.providers().filter((id) => providers.has(id) && !Object.hasOwn(written, id))
  const entries = [...withKeys.map((id): [string, ProviderConfig] => [id, {}]), ...Object.entries(written)]
  for (const [id, entry] of entries) {
    const read = readEntry([...known, ...kinds], id, entry, stored)
    if ('provider' in read) providers.set(id, read.provider)
    else providers.delete(id)
    for (const text of read.problems) problems.push({ code: 'provider-disabled', subject: id, text })
  }
  return { providers, problems }
}

type Timeouts = NonNullable<ProviderConfig['timeouts']>
type Read = { provider: Provider; problems: string[] } | { problems: string[] }

function readEntry(
  known: readonly (Provider | ProviderKind)[],
  id: string,
  entry: ProviderConfig,
  stored: StoredKeys,
): Read {
  const modelId = entry.extends ?? id
  const model = known.find((provider) => provider.id === modelId)
  if (entry.extends !== undefined && model === undefined) {
    const names = known.map((provider) => provider.id).join(', ')
    return leftOut(id, `it extends "${entry.extends}", which is no known provider; known are ${names}`)
  }
  const baseUrl = entry.baseUrl ?? (model && 'baseUrl' in model ? model.baseUrl : undefined)
  if (baseUrl === undefined) {
    if (model) return leftOut(id, `${model.label} has no address that all users share; give it the "baseUrl" of yours`)
    return leftOut(id, 'it has neither a baseUrl nor a known provider to extend; give it one of them')
  }
  // A variable that is not set was reported when the file was read; the text still holds its name.
  if (baseUrl.includes('${')) return { problems: [] }
  const why = faultOf(baseUrl, entry.allowInsecure === true)
  if (why !== undefined) return leftOut(id, why)

  const key = readKey(id, entry.apiKey ?? stored.keyFor(id, originOf(baseUrl)), model?.plan ?? false)
  const local = entry.local ?? model?.local ?? false
  const keyless = local && key.apiKey === undefined
  const { apiKey: _, ...basis } = model ?? { ...plain, label: id }
  const provider: Provider = {
    ...basis,
    id,
    label: model?.id === id ? model.label : id,
    baseUrl: baseUrl.replace(/\/+$/, ''),
    local,
    configured: true,
    // A model that runs at home may share its name with one that is sold.
    catalogueId: local ? null : basis.catalogueId,
    keyHeader: keyless ? 'none' : basis.keyHeader === 'none' ? 'authorization' : basis.keyHeader,
    passthrough: entry.passthrough ?? !keyless,
    ...(key.apiKey === undefined ? {} : { apiKey: key.apiKey }),
    ...(entry.allowPaths && { allowPaths: entry.allowPaths }),
    ...(entry.models && { models: entry.models }),
    ...(entry.critical && { critical: true }),
    ...(entry.timeouts && { timeouts: timeoutsOf(entry.timeouts) }),
    ...(entry.limits && { limits: entry.limits }),
    // the user's go before ours
    ...(entry.refusals && { refusals: [...entry.refusals, ...(basis.refusals ?? [])] }),
    ...(entry.quotaHeaders && { quotaHeaders: entry.quotaHeaders.map(inSmallLetters) }),
  }
  return { provider, problems: key.problems }
}

/** As replies' headers are asked for. */
function inSmallLetters({ window, ...headers }: OwnHeaders): OwnHeaders {
  return { window, ...Object.fromEntries(Object.entries(headers).map(([part, name]) => [part, name?.toLowerCase()])) }
}

function timeoutsOf({ connectSeconds, headSeconds, silenceSeconds }: Timeouts): ProviderTimeouts {
  return {
    ...(connectSeconds !== undefined && { connectMs: connectSeconds * 1000 }),
    ...(headSeconds !== undefined && { headMs: headSeconds * 1000 }),
    ...(silenceSeconds !== undefined && { silenceMs: silenceSeconds * 1000 }),
  }
}

function leftOut(id: string, why: string): Read {
  return { problems: [`Provider "${id}" is left out: ${why}.`] }
}

function faultOf(baseUrl: string, allowInsecure: boolean): string | undefined {
  const split = splitBaseUrl(baseUrl)
  if ('bad' in split) return `its baseUrl ${split.bad}`
  if (split.scheme === 'http' && !split.loopback && !allowInsecure) {
    return (
      'its baseUrl is plain http: to another machine, where keys and prompts could be read on the way; ' +
      'use https:, or set "allowInsecure": true'
    )
  }
  return undefined
}

/** `apiKey` only where it can be sent. Also for keys that do not stand in the file. */
export function readKey(
  id: string,
  apiKey: string | undefined,
  plan: boolean,
): { apiKey?: string; problems: string[] } {
  if (apiKey === undefined || apiKey === '') return { problems: [] }
  const lendsNone = `Provider "${id}" lends no key:`
  if (plan) {
    return { problems: [`${lendsNone} it serves subscribers, each with a login of their own; take its apiKey out.`] }
  }
  if (!/^[\x21-\x7e]+$/.test(apiKey)) {
    return {
      problems: [`${lendsNone} its apiKey holds spaces or characters that no HTTP header carries; copy it anew.`],
    }
  }
  if (apiKey.startsWith('tk_')) {
    return { problems: [`${lendsNone} its apiKey is one of Tollkeeper's own; set the key that the provider gave you.`] }
  }
  return { apiKey, problems: [] }
}
