/** What a user may write of a provider. */
import * as z from 'zod/mini'

const says = z.describe

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

export const providerConfig = z.strictObject({
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
  critical: z.optional(
    z.boolean().check(says('While it is down, /health answers 503: for what cannot do without this provider.')),
  ),
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
