/** A named degraded state, as data: raised by the daemon, shown by every client, cleared when it has passed. */
import * as z from 'zod/mini'

const warningCode = z.enum([
  'unpriced-model',
  'prices-unreadable',
  'config-invalid',
  'provider-disabled',
  'chain-incomplete',
  'budget-incomplete',
  'literal-key',
  'key-dropped',
  'restart-needed',
  'journal-slow',
  'journal-failing',
  'journal-torn',
  'journal-gap',
  'snapshot-unreadable',
  'rollup-unreadable',
  'home-open',
  'port-moved',
  'compaction-failed',
  'recording-off',
  'webhook-off',
  'webhook-failing',
  'loop-blocked',
  'journal-behind',
  'feeds-cut',
])
export type WarningCode = z.infer<typeof warningCode>

export const warning = z.strictObject({
  code: warningCode,
  /** What it is about (a model, a file, a provider): one warning a code and subject. */
  subject: z.string(),
  /** One sentence: what is wrong and what to do. */
  text: z.string(),
  since: z.string(),
})
export type Warning = z.infer<typeof warning>
