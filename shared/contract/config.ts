/** What a user may write in `config.jsonc`, with the words that editors show for it. Everything is optional: with no file at all the well-known providers are there. */
import * as z from 'zod/mini'
import { chainConfig, chainName, checkRouting } from './config-chains.ts'

/** Shown by editors while the file is written. */
const says = z.describe

const usd = z.number().check(z.nonnegative())
const seconds = z.number().check(z.positive(), z.maximum(86_400))

export const providerId = z
  .string()
  .check(z.regex(/^[a-z0-9][a-z0-9_.-]{0,63}$/, 'a provider id is a–z, 0–9, dot, dash or underscore'))

const timeoutsConfig = z
  .strictObject({
    connectSeconds: z.optional(seconds.check(says('Until a connection is there. Default 10.'))),
    headSeconds: z.optional(seconds.check(says('Until the first byte of an answer. Default 1200.'))),
    silenceSeconds: z.optional(seconds.check(says('Between two pieces of an answer. Default 900.'))),
  })
  .check(says('How long its calls may keep us waiting.'))

const positive = z.int().check(z.positive())

const ownLimits = z
  .strictObject({
    rpm: z.optional(positive.check(says('Calls a minute.'))),
    tpm: z.optional(positive.check(says('Tokens a minute, in and out.'))),
    rpd: z.optional(
      positive.check(says('Calls a day, which begins at midnight of "timeZone". Not counted while recording is off.')),
    ),
    concurrent: z.optional(positive.check(says('Calls at once.'))),
  })
  .check(
    says('What its calls may use at most; past it a call waits up to 10 s, then its caller is told how long to wait.'),
  )

const headerName = z.string().check(z.regex(/^[A-Za-z0-9-]{1,100}$/, 'it is the name of a header'))

const quotaHeaders = z
  .array(
    z.strictObject({
      window: z
        .string()
        .check(z.regex(/^[a-z0-9][a-z0-9_-]{0,59}$/, 'a window is named as requests, tokens-day or 5h')),
      limit: z.optional(headerName),
      remaining: z.optional(headerName),
      used: z.optional(headerName.check(says('How much is used, in the unit of the limit.'))),
      usedPercent: z.optional(headerName),
      reset: z.optional(headerName.check(says('A duration, seconds, a date or an instant since the epoch.'))),
    }),
  )
  .check(
    z.maxLength(16),
    says("Headers of this provider's replies that state limits, where they are none of the usual ones."),
  )

const refusalRule = z
  .strictObject({
    status: z.int().check(z.minimum(400), z.maximum(599)),
    code: z.optional(z.string().check(says("The error's code or type in the body; without it, all of this status."))),
    as: z.enum(['rate', 'plan', 'money', 'overload', 'credential', 'model', 'request']),
  })
  .check(says('How to take an error of this provider: what it is decides whether a chain goes on to its next target.'))

const providerConfig = z.strictObject({
  extends: z.optional(
    z.string().check(says('A known provider whose dialects, header style and quota headers this one shares.')),
  ),
  baseUrl: z.optional(z.string().check(says("What one gives this dialect's SDK as its base URL."))),
  apiKey: z.optional(
    z
      .string()
      .check(
        says(
          'A key to lend to callers that bring one of our tk_ keys. Write ${VAR} or ${VAR:-default}: it comes from the environment.',
        ),
      ),
  ),
  local: z.optional(z.boolean().check(says('Runs on this machine or network: its calls cost nothing.'))),
  passthrough: z.optional(
    z.boolean().check(says('Calls without a tk_ key may reach it although it needs no credential.')),
  ),
  allowInsecure: z.optional(z.boolean().check(says('A base URL of plain http: beyond this machine needs this said.'))),
  allowPaths: z.optional(
    z
      .array(z.string().check(z.regex(/^\/?[A-Za-z0-9._~/-]+$/, 'a path is written as /v1/files')))
      .check(says('Paths beyond the counted ones that its lent key opens, each with all below it: /v1/files.')),
  ),
  models: z.optional(
    z
      .array(z.string().check(z.minLength(1), z.maxLength(200)))
      .check(
        says(
          'What holders of our keys are told they may ask for; without it, what the price catalogue knows of this provider.',
        ),
      ),
  ),
  timeouts: z.optional(timeoutsConfig),
  limits: z.optional(ownLimits),
  quotaHeaders: z.optional(quotaHeaders),
  refusals: z.optional(z.array(refusalRule).check(z.maxLength(32))),
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
  prices: z.optional(
    z.record(z.string(), userPrice).check(says('List prices of your own, by model name or provider/model.')),
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
    }),
  ),
})
export type Config = z.infer<typeof whole>

export const config = whole.check(checkRouting)
