/** What a user may write in `config.jsonc`, with the words that editors show for it. Everything is optional: with no file at all the well-known providers are there. */
import * as z from 'zod/mini'
import { budgetConfig, checkBudgets } from './budget.ts'
import { chainConfig, chainName, checkRouting } from './config-chains.ts'
import { providerConfig, providerId } from './config-providers.ts'
import { checkWebhooks, webhookConfig } from './config-webhooks.ts'

/** Shown by editors while the file is written. */
const says = z.describe

const usd = z.number().check(z.nonnegative())

const userPrice = z.strictObject({
  inputUsdPerMillion: usd,
  outputUsdPerMillion: usd,
  cacheReadUsdPerMillion: z.optional(usd),
  cacheWrite5mUsdPerMillion: z.optional(usd),
  cacheWrite1hUsdPerMillion: z.optional(usd),
  inputAudioUsdPerMillion: z.optional(
    usd.check(
      says('Of a token of sound that goes in. Default: none is known, and calls with sound count as unpriced.'),
    ),
  ),
  cacheReadAudioUsdPerMillion: z.optional(
    usd.check(says('Of a token of sound that is read from a cache. Default: that of one that goes in.')),
  ),
  outputAudioUsdPerMillion: z.optional(
    usd.check(
      says('Of a token of sound that comes out. Default: none is known, and calls with sound count as unpriced.'),
    ),
  ),
  tiers: z.optional(
    z
      .strictObject({
        batch: z.optional(usd),
        flex: z.optional(usd),
        priority: z.optional(usd),
        fast: z.optional(usd),
        ultrafast: z.optional(usd),
        other: z.optional(usd),
      })
      .check(
        says(
          'How many times that it costs where the provider serves a call in another way, e.g. {"flex": 0.5}. Default: 1.',
        ),
      ),
  ),
})
export type UserPrice = z.infer<typeof userPrice>

const networkConfig = z.strictObject({
  proxy: z.optional(
    z.string().check(
      // a variable stands only in the file as editors see it
      z.regex(/^(auto|none|https?:\/\/\S+|\$\{.*)$/, 'it is "auto", "none" or the URL of an HTTP proxy'),
      says(
        'How calls leave this machine. auto (the default): as HTTPS_PROXY, HTTP_PROXY and NO_PROXY say; none: directly; else the URL of a proxy.',
      ),
    ),
  ),
  noProxy: z.optional(
    z
      .string()
      .check(
        says('Hosts that are reached directly, as in NO_PROXY: names with commas between. This machine always is.'),
      ),
  ),
  caFile: z.optional(
    z
      .string()
      .check(
        says(
          'A PEM file with certificates to trust besides the usual ones; where it is relative, from the home folder.',
        ),
      ),
  ),
})
export type NetworkConfig = z.infer<typeof networkConfig>

const tokens = z.int().check(z.nonnegative())

const tierConfig = z.strictObject({
  inputTokensLimit: z.optional(tokens.check(says('Prompt tokens a month.'))),
  outputTokensLimit: z.optional(tokens.check(says('Completion tokens a month.'))),
})
export const tierName = z.enum(['starter', 'pro', 'enterprise'])
export type TierName = z.infer<typeof tierName>

const storeConfig = z
  .strictObject({
    flushEvents: z.optional(z.int().check(z.positive())),
    flushSeconds: z.optional(z.number().check(z.positive())),
    compactEvents: z.optional(z.int().check(z.positive())),
    compactMinutes: z.optional(z.number().check(z.positive())),
  })
  .check(says('How often the history is synced to the disk and compacted. Takes effect at the next start.'))

const whole = z.strictObject({
  $schema: z.optional(z.string()),
  providers: z.optional(
    z.record(providerId, providerConfig).check(says('Changes to known providers, and providers of your own, by id.')),
  ),
  chains: z.optional(
    z
      .record(chainName, chainConfig)
      .check(says('Ordered lists of targets by name. Ask for one as the model "chain:NAME".')),
  ),
  routes: z.optional(
    z
      .record(z.string().check(z.minLength(1), z.maxLength(200)), chainName)
      .check(
        says(
          'Which chain serves a requested model: names in which * stands for anything. A full name goes before a pattern, then the first one written.',
        ),
      ),
  ),
  defaultChain: z.optional(chainName.check(says('Serves calls on our keys that nothing else says a target for.'))),
  budgets: z.optional(
    z.array(budgetConfig).check(z.maxLength(100), says('Limits of your own on money or tokens over a time.')),
  ),
  budgetRefusalStatus: z.optional(
    z
      .literal(429)
      .check(says('429: a call that a budget stops is refused so in every dialect. Default: as makes clients stop.')),
  ),
  webhooks: z.optional(z.array(webhookConfig).check(z.maxLength(20), says('Addresses that are told of alerts.'))),
  account: z.optional(z.strictObject({ tier: z.optional(tierName) })),
  tiers: z.optional(
    z
      .strictObject({
        starter: z.optional(tierConfig),
        pro: z.optional(tierConfig),
        enterprise: z.optional(tierConfig),
      })
      .check(says('What /api/usage holds the month against, by tier.')),
  ),
  prices: z.optional(
    z.record(z.string(), userPrice).check(says('List prices of your own, by model name or provider/model.')),
  ),
  pricesUrl: z.optional(
    z
      .string()
      .check(
        z.regex(/^(https?:\/\/\S+|\$\{.*)$/, 'it is the URL of an https server, or of one on this machine'),
        says('Where `tollkeeper prices update` reads prices. Default: where the makers of the catalogue publish it.'),
      ),
  ),
  timeZone: z.optional(
    z
      .string()
      .check(
        says("IANA name; days, weeks and months begin there. Default: the machine's. Takes effect at the next start."),
      ),
  ),
  allowedOrigins: z.optional(
    z
      .array(z.string())
      .check(says("Web origins beyond our own dashboard's that may call us, e.g. http://localhost:3000.")),
  ),
  allowedHosts: z.optional(
    z.array(z.string()).check(says('Names beyond 127.0.0.1, [::1] and localhost that a Host header may carry.')),
  ),
  'usage-statistics-enabled': z.optional(
    z.boolean().check(says('false: calls go through and limits are read, but no call is recorded. Default true.')),
  ),
  'allow-remote-management': z.optional(
    z.boolean().check(says('Whether /v0/management answers beyond this machine. Default false.')),
  ),
  logLevel: z.optional(
    z
      .enum(['debug', 'info', 'warn', 'error'])
      .check(says('What the log tells: this and what is graver. Default info: a line a call.')),
  ),
  network: z.optional(networkConfig.check(says('Your proxy and certificates for calls to providers.'))),
  store: z.optional(storeConfig),
  retention: z.optional(
    z
      .strictObject({
        journalDays: z.optional(z.int().check(z.positive(), says('Days that single calls are kept. Default 90.'))),
        journalMiB: z.optional(
          z.int().check(z.positive(), says('What they may take on the disk, packed, in MiB. Default 1024.')),
        ),
      })
      .check(says('How long single calls are kept; sums stay for ever. Takes effect at the next start.')),
  ),
  limits: z.optional(
    z.strictObject({
      bodyMiB: z.optional(z.number().check(z.positive(), says('Of one request body, in MiB, decoded. Default 64.'))),
      heldMiB: z.optional(
        z.number().check(z.positive(), says('Of all held request bodies together, in MiB. Default 256.')),
      ),
      apiRequestsPerMinute: z.optional(
        z.int().check(z.positive(), says('Of /api/v1/cost and /api/usage, by each who asks. Default 60.')),
      ),
    }),
  ),
})
export type Config = z.infer<typeof whole>

export const config = whole.check(checkRouting, checkBudgets, checkWebhooks)
