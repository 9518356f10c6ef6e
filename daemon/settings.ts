/** The user's config with every default filled in: what the parts of the daemon are opened with. */
import type { Config } from '../shared/contract/config.ts'
import type { WebhookConfig } from '../shared/contract/config-webhooks.ts'
import type { LogLevel } from './log.ts'
import { type BodyLimits, defaultBodyLimits } from './proxy/body.ts'
import type { Retention } from './store/retention.ts'

export type Settings = {
  timeZone: string
  /** undefined: as the program says. */
  logLevel: LogLevel | undefined
  store: {
    flushEvents: number
    flushSeconds: number
    compactEvents: number
    compactMinutes: number
    retention: Retention
  }
  bodyLimits: BodyLimits
  access: { allowedHosts: readonly string[]; allowedOrigins: readonly string[] }
  /** Calls are recorded; limits are read either way. */
  recording: boolean
  /** `/v0/management` answers beyond this machine. */
  remoteManagement: boolean
  /** How often each who asks may ask `/api/v1/cost` and `/api/usage`. */
  requestsPerMinute: number
  webhooks: readonly WebhookConfig[]
  /** What a call that a budget stops is refused with; null: what makes its client stop. */
  budgetRefusalStatus: 429 | null
}

const mebi = 2 ** 20

export function settingsOf(config: Config): Settings {
  const { store, limits } = config
  return {
    logLevel: config.logLevel,
    timeZone: config.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    store: {
      flushEvents: store?.flushEvents ?? 50,
      flushSeconds: store?.flushSeconds ?? 1,
      compactEvents: store?.compactEvents ?? 10_000,
      compactMinutes: store?.compactMinutes ?? 60,
      retention: {
        days: config.retention?.journalDays ?? 90,
        bytes: (config.retention?.journalMiB ?? 1024) * mebi,
      },
    },
    bodyLimits: {
      bodyBytes: limits?.bodyMiB === undefined ? defaultBodyLimits.bodyBytes : limits.bodyMiB * mebi,
      heldBytes: limits?.heldMiB === undefined ? defaultBodyLimits.heldBytes : limits.heldMiB * mebi,
      stallMs: defaultBodyLimits.stallMs,
    },
    access: { allowedHosts: config.allowedHosts ?? [], allowedOrigins: config.allowedOrigins ?? [] },
    recording: config['usage-statistics-enabled'] ?? true,
    remoteManagement: config['allow-remote-management'] ?? false,
    requestsPerMinute: limits?.apiRequestsPerMinute ?? 60,
    webhooks: config.webhooks ?? [],
    budgetRefusalStatus: config.budgetRefusalStatus ?? null,
  }
}
