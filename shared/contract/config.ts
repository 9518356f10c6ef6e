/** What a user may write in `config.jsonc`. Everything is optional: with no file at all the well-known providers are there. */
import * as z from 'zod/mini'

const usd = z.number().check(z.nonnegative())

const providerConfig = z.strictObject({
  /** A known provider whose dialects, header style and quota headers this one shares. */
  extends: z.optional(z.string()),
  /** What one gives this dialect's SDK as its base URL. */
  baseUrl: z.optional(z.string()),
  /** A key to lend to callers that bring one of our `tk_` keys. `${VAR}` and `${VAR:-default}` come from the environment. */
  apiKey: z.optional(z.string()),
  /** Runs on this machine or network: its calls cost nothing. */
  local: z.optional(z.boolean()),
  /** Calls without a `tk_` key may reach it although it needs no credential. */
  passthrough: z.optional(z.boolean()),
  /** A base URL of plain `http:` beyond loopback needs this said. */
  allowInsecure: z.optional(z.boolean()),
})
export type ProviderConfig = z.infer<typeof providerConfig>

const userPrice = z.strictObject({
  inputUsdPerMillion: usd,
  outputUsdPerMillion: usd,
  cacheReadUsdPerMillion: z.optional(usd),
  cacheWrite5mUsdPerMillion: z.optional(usd),
  cacheWrite1hUsdPerMillion: z.optional(usd),
})
export type UserPrice = z.infer<typeof userPrice>

export const config = z.strictObject({
  $schema: z.optional(z.string()),
  providers: z.optional(
    z.record(
      z.string().check(z.regex(/^[a-z0-9][a-z0-9_.-]{0,63}$/, 'a provider id is a–z, 0–9, dot, dash or underscore')),
      providerConfig,
    ),
  ),
  /** By model name, or `provider/model`. */
  prices: z.optional(z.record(z.string(), userPrice)),
  /** IANA name; days, weeks and months begin there. Default: the machine's. */
  timeZone: z.optional(z.string()),
  /** Web origins beyond our own dashboard's that may call us, e.g. `http://localhost:3000`. */
  allowedOrigins: z.optional(z.array(z.string())),
  /** Names beyond 127.0.0.1, [::1] and localhost that a `Host` header may carry. */
  allowedHosts: z.optional(z.array(z.string())),
  /** false: calls go through and limits are read, but no call is recorded. Default true. */
  'usage-statistics-enabled': z.optional(z.boolean()),
  /** Whether `/v0/management` answers beyond this machine. Default false. */
  'allow-remote-management': z.optional(z.boolean()),
  store: z.optional(
    z.strictObject({
      flushEvents: z.optional(z.int().check(z.positive())),
      flushSeconds: z.optional(z.number().check(z.positive())),
      compactEvents: z.optional(z.int().check(z.positive())),
      compactMinutes: z.optional(z.number().check(z.positive())),
    }),
  ),
  retention: z.optional(z.strictObject({ journalDays: z.optional(z.int().check(z.positive())) })),
  limits: z.optional(
    z.strictObject({
      /** Of one request body, in MiB, decoded. Default 64. */
      bodyMiB: z.optional(z.number().check(z.positive())),
      /** Of all held request bodies together, in MiB. Default 256. */
      heldMiB: z.optional(z.number().check(z.positive())),
    }),
  ),
})
export type Config = z.infer<typeof config>
