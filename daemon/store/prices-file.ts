/** `prices.json` in the home, 0600: the newest prices that the user had fetched, in the form in which the catalogue's makers publish them. */
import { join } from 'node:path'
import type { MatchLogic, Provider } from '@pydantic/genai-prices'
import * as z from 'zod/mini'
import { codeOf, isMissing, realDisk } from './disk.ts'
import { replaceFile } from './durable-file.ts'

const name = z.string().check(z.minLength(1), z.maxLength(500))
const usd = z.number().check(z.nonnegative())

const match: z.ZodMiniType<MatchLogic> = z.lazy(() =>
  z.union([
    z.object({ or: z.array(match) }),
    z.object({ and: z.array(match) }),
    z.object({ equals: name }),
    z.object({ starts_with: name }),
    z.object({ ends_with: name }),
    z.object({ contains: name }),
    z.object({ regex: name.check(z.refine(isPattern, 'it is no regular expression')) }),
  ]),
)

const price = z.record(
  z.string(),
  z.union([
    usd,
    z.object({ base: usd, tiers: z.array(z.object({ start: z.int().check(z.nonnegative()), price: usd })) }),
  ]),
)
const hour = z.string().check(z.regex(/^\d\d:\d\d:\d\dZ$/))
/** The makers leave the type out of some; the library wants it. */
const constraint = z.union([
  z.pipe(
    z.object({ start_date: z.iso.date() }),
    z.transform((of) => ({ type: 'start_date' as const, ...of })),
  ),
  z.pipe(
    z.object({ start_time: hour, end_time: hour }),
    z.transform((of) => ({ type: 'time_of_date' as const, ...of })),
  ),
])

const model = z.object({
  id: name,
  match,
  deprecated: z.optional(z.boolean()),
  prices: z.union([
    z.array(z.object({ constraint: z.optional(constraint), prices: price })).check(z.minLength(1)),
    price,
  ]),
})
const published = z.array(
  z.object({ id: name, name, api_pattern: z.string(), models: z.array(model).check(z.maxLength(5000)) }),
)

const stored = z.object({
  format: z.literal(1),
  url: z.string(),
  updated_at: z.iso.datetime(),
  /** As the server said; null: it did not. */
  last_modified: z.nullable(z.string()),
  providers: z.unknown(),
})

export type StoredPrices = {
  url: string
  /** ISO 8601. */
  updatedAt: string
  lastModified: string | null
  providers: Provider[]
}

/** What the makers of the catalogue publish, or the first thing in it that is not in the form that this version reads. */
export function readPublished(json: unknown): Provider[] | { why: string } {
  const read = z.safeParse(published, json)
  if (!read.success) {
    const [first] = read.error.issues
    return { why: `at ${first?.path.join('.') || 'its beginning'}: ${first?.message ?? 'unknown'}` }
  }
  return read.data.map(({ models, ...provider }) => ({
    ...provider,
    models: models.map(({ id, match, prices, deprecated }) => ({
      id,
      match,
      ...(deprecated === true && { deprecated }),
      prices: Array.isArray(prices)
        ? prices.map(({ constraint, prices }) => ({ prices, ...(constraint && { constraint }) }))
        : prices,
    })),
  }))
}

/** null: no prices were ever fetched. Never throws on what stands in the file. */
export async function readPricesFile(home: string): Promise<StoredPrices | { why: string } | null> {
  let json: unknown
  try {
    json = JSON.parse((await realDisk.read(pathIn(home))).toString('utf8'))
  } catch (error) {
    if (isMissing(error)) return null
    return { why: codeOf(error) === undefined ? 'it is cut off or no JSON' : `it cannot be opened (${codeOf(error)})` }
  }
  const read = z.safeParse(stored, json)
  if (!read.success) return { why: 'it is not in the form this version writes' }
  const providers = readPublished(read.data.providers)
  if ('why' in providers) return providers
  return { url: read.data.url, updatedAt: read.data.updated_at, lastModified: read.data.last_modified, providers }
}

/** In one step: a reader finds the old prices or the new ones. Rejects with the old ones untouched. */
export async function writePricesFile(home: string, prices: StoredPrices): Promise<void> {
  const { url, updatedAt, lastModified, providers } = prices
  const written = { format: 1, url, updated_at: updatedAt, last_modified: lastModified, providers }
  await replaceFile(pathIn(home), `${JSON.stringify(written)}\n`)
}

export function pathIn(home: string): string {
  return join(home, 'prices.json')
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) !== undefined
  } catch {
    return false
  }
}
