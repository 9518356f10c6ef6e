/** `tollkeeper prices`: what a model costs and who says so, newer prices on demand, the past at the prices of another day. */
import type { ReplyOf } from '../../shared/contract/endpoint.ts'
import type { ModelPrice, PriceRate, pricesRows } from '../../shared/contract/endpoints/prices.ts'
import { price, tokens } from '../../shared/format.ts'
import { askDaemon } from './attach.ts'
import { localFetchWithin } from './http.ts'
import { type ExitCode, exit, type Io } from './io.ts'
import { answer, refuse } from './say.ts'
import { printable, tableOf } from './table.ts'

type Asked = { home: string }
type Prices = ReplyOf<typeof pricesRows.prices>
type Repriced = ReplyOf<typeof pricesRows.reprice>

/** Fetching takes a minute at most; reading all of a long history may take longer. */
const longMs = { update: 90_000, reprice: 10 * 60_000 }

export async function showPrices(
  { home, model, provider }: Asked & { model: string; provider?: string },
  io: Io,
): Promise<ExitCode> {
  const query = { model, ...(provider !== undefined && { provider }) }
  const reply = await askDaemon(home, io, 'prices', { query })
  if (!reply.ok) return reply.code
  if (reply.value.prices.length === 0) return refuse(io, exit.fault, unpricedText(model), 'Not Found')
  return answer(io, reply.value, pricesText(reply.value))
}

export async function updatePrices({ home }: Asked, io: Io): Promise<ExitCode> {
  const reply = await askDaemon(home, io, 'updatePrices', { body: {} }, { fetch: localFetchWithin(longMs.update) })
  if (!reply.ok) return reply.code
  const { version, url, models, new_models, changed_models } = reply.value
  const text = `Prices of ${models} models were fetched from ${url}: ${new_models} are new, ${changed_models} have changed. They are used from now on, as "${version}".`
  return answer(io, reply.value, printable(text))
}

export async function reprice(
  { home, asOf, from, to }: Asked & { asOf?: string; from?: string; to?: string },
  io: Io,
): Promise<ExitCode> {
  const query = {
    ...(asOf !== undefined && { as_of: asOf }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  }
  const reply = await askDaemon(home, io, 'reprice', { query }, { fetch: localFetchWithin(longMs.reprice) })
  if (!reply.ok) return reply.code
  return answer(io, reply.value, repricedText(reply.value))
}

const sources: Record<ModelPrice['source'], string> = {
  catalogue: 'the catalogue',
  override: 'a correction of ours',
  user: 'your config',
  provider: 'the provider',
  imported: 'an imported line',
}

const kinds: Record<PriceRate['kind'], string> = {
  input: 'input',
  input_audio: 'input, sound',
  cache_read: 'cache read',
  cache_read_audio: 'cache read, sound',
  cache_write_5m: 'cache write, 5 min',
  cache_write_1h: 'cache write, 1 h',
  output: 'output',
  output_audio: 'output, sound',
  web_search: 'web search',
}

export function pricesText({ prices, catalogue }: Prices): string {
  const age = catalogue.updated_at === null ? '' : `, fetched ${catalogue.updated_at.slice(0, 10)}`
  const foot = `USD a million tokens; searches by the thousand. Catalogue: ${catalogue.version}${age}.\n`
  return `${prices.map((one) => priceLines(one).join('\n')).join('\n\n')}\n\n${foot}`
}

export function unpricedText(model: string): string {
  return printable(
    `No price is known for ${model}. Set one under "prices" in config.jsonc, or try \`tollkeeper prices update\`.`,
  )
}

function priceLines({ provider, model, source, version, priced_as, page, rates, tiers }: ModelPrice): string[] {
  const as = priced_as === null ? '' : `, priced as ${priced_as}`
  const from = `${sources[source]} (${version})${page === null ? '' : `, ${page}`}`
  const columns = ['', 'standard', ...tiers.map(({ tier }) => tier)].map((title, at) => ({
    title,
    align: at === 0 ? ('left' as const) : ('right' as const),
  }))
  const rows = rates.flatMap((rate) => {
    const others = tiers.map((tier) => tier.rates.find(({ kind }) => kind === rate.kind))
    const long = rate.above.map(({ prompt_tokens, usd }, at) => [
      `  prompt over ${tokens(prompt_tokens)}`,
      usdText(usd),
      ...others.map((other) => usdText(other?.above[at]?.usd)),
    ])
    return [[`  ${kinds[rate.kind]}`, usdText(rate.usd), ...others.map((other) => usdText(other?.usd))], ...long]
  })
  return [printable(`${model} at ${provider}${as}: from ${from}`), ...tableOf(columns, rows)]
}

function usdText(usd: number | undefined): string {
  return usd === undefined ? '' : String(Number(usd.toFixed(6)))
}

export function repricedText({ as_of, from, to, by_model, ...all }: Repriced): string {
  const title = `Calls from ${from} to ${to}, at the prices of ${as_of}`
  if (all.requests === 0) return `${title}\n\nNo calls.\n`
  const columns = ['provider', 'model', 'calls', 'as stamped', 'repriced', 'unpriced'].map((title, at) => ({
    title,
    align: at < 2 ? ('left' as const) : ('right' as const),
  }))
  const row = (provider: string, model: string, sum: Omit<Repriced, 'as_of' | 'from' | 'to' | 'by_model'>) => [
    provider,
    model,
    String(sum.requests),
    knownText(sum.cost_usd, sum.stamped_unpriced_requests, sum.requests),
    knownText(sum.repriced_cost_usd, sum.unpriced_requests, sum.requests),
    String(sum.unpriced_requests),
  ]
  const lines = tableOf(columns, [...by_model.map((one) => row(one.provider, one.model, one)), row('total', '', all)])
  return `${[title, '', ...lines].join('\n')}\n`
}

/** What has no price is not free: the sum is that of the others, if there are any. */
function knownText(usd: number, unpriced: number, requests: number): string {
  return unpriced === requests ? '?' : `${unpriced > 0 ? '≥ ' : ''}${price(usd)}`
}
