/** `/api/v1/config` and `/api/v1/providers`: what the user wants. Edits keep the file's comments; no secret ever comes back. */
import * as z from 'zod/mini'
import type { EndpointTable } from '../endpoint.ts'

/** As in `config.jsonc`, whose own names these are: in camelCase, and checked as the file is. */
const configValue = z.record(z.string(), z.unknown())

const configReply = z.object({
  path: z.string(),
  /** Of the file's text, also as `etag`: sent back in `if-match`, an edit goes only where nobody changed the file meanwhile. */
  version: z.string(),
  /** As it stands in the file, variables too; `[secret]` stands for a secret, and keeps it where it is sent back. */
  config: configValue,
  problems: z.array(z.object({ code: z.string(), subject: z.string(), text: z.string() })),
})

const timeouts = z.object({
  connect_seconds: z.optional(z.number()),
  head_seconds: z.optional(z.number()),
  silence_seconds: z.optional(z.number()),
})

const providerRow = z.object({
  id: z.string(),
  label: z.string(),
  base_url: z.string(),
  dialects: z.array(z.string()),
  extends: z.nullable(z.string()),
  /** Whether the config has an entry for it. */
  configured: z.boolean(),
  local: z.boolean(),
  passthrough: z.boolean(),
  simulated: z.boolean(),
  allow_paths: z.array(z.string()),
  models: z.array(z.string()),
  timeouts,
  /** Where the key that it lends comes from. `unneeded`: it asks for none. */
  key: z.enum(['config', 'stored', 'none', 'unneeded']),
})
export type ProviderRow = z.infer<typeof providerRow>

const providerBody = z.strictObject({
  extends: z.optional(z.string()),
  base_url: z.optional(z.string()),
  local: z.optional(z.boolean()),
  passthrough: z.optional(z.boolean()),
  allow_insecure: z.optional(z.boolean()),
  allow_paths: z.optional(z.array(z.string())),
  models: z.optional(z.array(z.string())),
  timeouts: z.optional(timeouts),
})
export type ProviderBody = z.infer<typeof providerBody>

export const configRows = {
  config: {
    method: 'GET',
    path: '/api/v1/config',
    auth: 'admin',
    reply: configReply,
    summary: 'The config as its file says it, without secrets',
    tag: 'config',
  },
  putConfig: {
    method: 'PUT',
    path: '/api/v1/config',
    auth: 'admin',
    body: z.strictObject({ config: configValue }),
    reply: configReply,
    summary: 'Change the config as a whole; comments stay',
    tag: 'config',
  },
  configuredProviders: {
    method: 'GET',
    path: '/api/v1/providers',
    auth: 'read',
    reply: z.object({ providers: z.array(providerRow) }),
    summary: 'All providers in use, known and configured',
    tag: 'config',
  },
  configuredProvider: {
    method: 'GET',
    path: '/api/v1/providers/{id}',
    auth: 'read',
    reply: providerRow,
    summary: 'One provider',
    tag: 'config',
  },
  putProvider: {
    method: 'PUT',
    path: '/api/v1/providers/{id}',
    auth: 'admin',
    body: providerBody,
    reply: providerRow,
    summary: 'Write the entry of a provider into the config, in place of the one there; its key stays',
    tag: 'config',
  },
  removeProvider: {
    method: 'DELETE',
    path: '/api/v1/providers/{id}',
    auth: 'admin',
    reply: z.object({ id: z.string(), removed: z.literal(true) }),
    summary: 'Take the entry of a provider out of the config, and forget its stored key',
    tag: 'config',
  },
  setProviderKey: {
    method: 'PUT',
    path: '/api/v1/providers/{id}/key',
    auth: 'admin',
    body: z.strictObject({ key: z.string().check(z.minLength(1), z.maxLength(8192)) }),
    reply: providerRow,
    summary: 'Store a key to lend, for the origin that the provider has now; it is never shown',
    tag: 'config',
  },
  dropProviderKey: {
    method: 'DELETE',
    path: '/api/v1/providers/{id}/key',
    auth: 'admin',
    reply: providerRow,
    summary: 'Forget the stored key of a provider',
    tag: 'config',
  },
} as const satisfies EndpointTable
